#include "options/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace unmask {
namespace {

template <typename Number>
Number parse_number(std::string_view text, Number minimum, Number maximum,
                    const std::string& allowed) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  // Written so that a NaN is out of range.
  if (problem != std::errc{} || stop != end || !(value >= minimum && value <= maximum)) {
    refuse_value(text, "not " + allowed);
  }
  return value;
}

}  // namespace

void refuse_value(std::string_view text, const std::string& what_it_is) {
  throw Error(ErrorCode::usage, "'" + std::string(text) + "' is " + what_it_is);
}

int parse_int(std::string_view text, int minimum, int maximum) {
  return parse_number<int>(
      text, minimum, maximum,
      "a whole number from " + std::to_string(minimum) + " to " + std::to_string(maximum));
}

double parse_at_least_zero(std::string_view text) {
  return parse_number<double>(text, 0, std::numeric_limits<double>::max(),
                              "a number of at least 0");
}

double parse_share(std::string_view text) {
  const std::string allowed = "a number above 0 and at most 1";
  const double value = parse_number<double>(text, 0, 1, allowed);
  if (value == 0) refuse_value(text, "not " + allowed);
  return value;
}

bool parse_switch(std::string_view text) {
  if (text == "on") return true;
  if (text == "off") return false;
  refuse_value(text, "neither 'on' nor 'off'");
}

std::vector<int> parse_id_list(std::string_view text) {
  constexpr std::string_view kSeparators = " \t\r\n,";
  std::vector<int> ids;
  std::size_t begin = text.find_first_not_of(kSeparators);
  while (begin != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kSeparators, begin), text.size());
    ids.push_back(parse_int(text.substr(begin, end - begin), 0, std::numeric_limits<int>::max()));
    begin = text.find_first_not_of(kSeparators, end);
  }
  return ids;
}

std::string id_list_text(const std::vector<int>& ids) {
  std::string text;
  for (const int id : ids) text += (text.empty() ? "" : " ") + std::to_string(id);
  return text;
}

std::string number_text(double value) {
  std::array<char, 32> digits{};
  const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return std::string(digits.data(), end);
}

}  // namespace unmask
