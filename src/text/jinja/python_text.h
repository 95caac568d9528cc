// How Python writes values, and what it takes for white space.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "text/jinja/value.h"

namespace unmask::jinja {

/// White space of str.strip(): Unicode's White_Space and U+001C to U+001F.
bool is_space(char32_t code_point);
std::size_t leading_spaces(std::string_view text);  ///< in bytes
std::size_t end_without_spaces(
    std::string_view text);  ///< offset behind the last character that is none

/// The shortest text that is this number: 1.0, 1e+16, inf.
std::string float_text(double number);

/// str(value). What is not a string counts as given.
Text to_text(Interpreter& interpreter, const Value& value);

/// repr(value).
Text repr(Interpreter& interpreter, const Value& value);

struct JsonStyle {
  std::string_view indent;  ///< of one level; without `breaks_lines` unused
  bool breaks_lines = false;
  bool ascii = false;
  bool sort_keys = false;
  Text comma, colon;
};

/// json.dumps(value).
Text json_text(Interpreter& interpreter, const Value& value, const JsonStyle& style);

}  // namespace unmask::jinja
