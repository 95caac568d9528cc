#include "base/values.h"

#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include "base/checked.h"

namespace unmask {
namespace {

constexpr std::string_view kSeparators = " \t\r\n,";

std::string fixed(double value, int digits_after_point) {
  std::array<char, 32> digits{};
  const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                            std::chars_format::fixed, digits_after_point);
  return std::string(digits.data(), end);
}

}  // namespace

std::vector<int> parse_ids(std::string_view flag, std::string_view text) {
  std::vector<int> ids;
  std::size_t begin = text.find_first_not_of(kSeparators);
  while (begin != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kSeparators, begin), text.size());
    ids.push_back(
        parse_integer(flag, text.substr(begin, end - begin), 0, std::numeric_limits<int>::max()));
    begin = text.find_first_not_of(kSeparators, end);
  }
  return ids;
}

std::uint64_t parse_size(std::string_view flag, std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 11> kUnits = {{
      {"", 1},
      {"B", 1},
      {"K", 1 << 10},
      {"KiB", 1 << 10},
      {"M", 1 << 20},
      {"MiB", 1 << 20},
      {"G", 1 << 30},
      {"GiB", 1 << 30},
      {"KB", 1000},
      {"MB", 1000000},
      {"GB", 1000000000},
  }};
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem == std::errc{}) {
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const auto& [name, factor] : kUnits) {
      const auto bytes = checked_multiply(number, factor);
      if (unit == name && bytes && *bytes > 0) return *bytes;
    }
  }
  throw Error(ErrorCode::usage, std::string(flag) + " is '" + utf8::printable(text) +
                                    "'; it takes a size such as 64MiB, 10MB or 4096");
}

double parse_seconds(std::string_view flag, std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 5> kUnits = {
      {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"m", 60}, {"h", 3600}}};
  constexpr double kMost = 1e9;
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem == std::errc{} && number > 0 && number <= kMost) {
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const auto& [name, factor] : kUnits) {
      if (unit == name) return number * factor;
    }
  }
  throw Error(ErrorCode::usage, std::string(flag) + " is '" + utf8::printable(text) +
                                    "'; it takes a time such as 2s, 500ms or 1m");
}

std::string format_size(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  double amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; amount >= 1024 && unit + 1 < kUnits.size(); ++unit) amount /= 1024;
  return fixed(amount, unit == 0 ? 0 : 1) + " " + std::string(kUnits[unit]);
}

std::string format_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::ptrdiff_t i = std::ssize(digits) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<std::size_t>(i), ",");
  }
  return digits;
}

std::string one_digit(double value) { return fixed(value, 1); }

double rate(std::uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

}  // namespace unmask
