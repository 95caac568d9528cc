// Numbers and lists as a person types and reads them. Locale-independent; errors name the flag and
// the range.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "unmask/error.h"

namespace unmask {

/// A whole number from `minimum` to `maximum`, or Error{usage} that says so about `flag`.
template <class Integer>
Integer parse_integer(std::string_view flag, std::string_view text, Integer minimum,
                      Integer maximum) {
  Integer value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || value < minimum ||
      value > maximum) {
    throw Error(ErrorCode::usage, std::string(flag) + " is '" + utf8::printable(text) +
                                      "'; it takes a whole number from " + std::to_string(minimum) +
                                      " to " + std::to_string(maximum));
  }
  return value;
}

/// Token ids separated by white space or commas: "1 2 3".
std::vector<int> parse_ids(std::string_view flag, std::string_view text);

/// A size in bytes: "1000", "64MiB", "10MB", "4K" (1024).
std::uint64_t parse_size(std::string_view flag, std::string_view text);

/// A time in seconds: "2", "1.5s", "500ms", "2m". Above 0.
double parse_seconds(std::string_view flag, std::string_view text);

/// 64 MiB as "64.0 MiB".
std::string format_size(std::uint64_t bytes);

/// 4096 as "4,096".
std::string format_count(std::uint64_t count);

/// 41 as "41.0", whatever the locale.
std::string one_digit(double value);

/// How many a second; 0 where no time has passed.
double rate(std::uint64_t count, double seconds);

}  // namespace unmask
