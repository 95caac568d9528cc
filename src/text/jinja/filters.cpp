#include "text/jinja/filters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "text/jinja/filter_tables.h"
#include "text/jinja/operators.h"
#include "text/jinja/python_text.h"
#include "text/jinja/strings.h"

namespace unmask::jinja {
namespace {

Value length(Interpreter&, const Value& input, Arguments& arguments) {
  const Bound none("length", arguments, {});
  if (const auto size = length_of(input)) return *size;
  throw Failure("'" + type_name(input) + "' has no length");
}

Value fallback(Interpreter&, const Value& input, Arguments& arguments) {
  const Bound given("default", arguments, {"default_value", "boolean"});
  const bool replace = is_undefined(input) || (given.boolean(1, false) && !is_true(input));
  if (!replace) return input;
  if (given.has(0)) return given[0];
  return std::make_shared<const String>(String{{}, 0, false, {}});
}

Value to_string(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("string", arguments, {});
  return as_string(input) ? input : in.heap().string(to_text(in, input));
}

Value safe(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("safe", arguments, {});
  return in.heap().string(to_text(in, input), true);
}

Value escape(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("escape", arguments, {});
  if (const String* text = as_string(input); text && text->markup) return input;
  return in.heap().string(escaped(in.heap(), to_text(in, input)), true);
}

Value absolute(Interpreter&, const Value& input, Arguments& arguments) {
  const Bound none("abs", arguments, {});
  if (const auto* number = std::get_if<double>(&input)) return std::abs(*number);
  const Value value = positive(input);
  return std::get<std::int64_t>(value) < 0 ? negative(value) : value;
}

// What Python's int() and float() read: blanks around, single _ between digits.
std::optional<std::string> numeral(std::string_view text) {
  text = text.substr(leading_spaces(text));
  text = text.substr(0, end_without_spaces(text));
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t at) {
      return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])) != 0;
    };
    if (text[i] != '_') {
      plain += text[i];
    } else if (i == 0 || !digit(i - 1) || !digit(i + 1)) {
      return std::nullopt;
    }
  }
  if (plain.starts_with('+')) plain.erase(0, 1);
  if (plain.empty() || plain.starts_with("+") ||
      (plain.size() > 1 && plain[0] == '-' && plain[1] == '+')) {
    return std::nullopt;
  }
  return plain;
}

std::optional<double> parsed_real(std::string_view text) {
  const auto plain = numeral(text);
  if (!plain) return std::nullopt;
  double value = 0;
  const char* const last = plain->data() + plain->size();
  const auto [end, problem] = std::from_chars(plain->data(), last, value);
  if (end != last || problem == std::errc::invalid_argument) return std::nullopt;
  if (problem == std::errc::result_out_of_range) value = std::strtod(plain->c_str(), nullptr);
  return value;
}

std::optional<std::int64_t> parsed_integer(std::string_view text, std::int64_t base) {
  auto plain = numeral(text);
  if (!plain) return std::nullopt;
  const bool minus = plain->starts_with('-');
  std::string_view digits = std::string_view(*plain).substr(minus ? 1 : 0);
  const std::string_view mark = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "";
  if (!mark.empty() && digits.size() > 2 && digits[0] == '0' && (digits[1] | 0x20) == mark[1]) {
    digits.remove_prefix(2);
  }
  const std::string signed_digits = (minus ? "-" : "") + std::string(digits);
  std::int64_t value = 0;
  const char* const last = signed_digits.data() + signed_digits.size();
  const auto [end, problem] =
      std::from_chars(signed_digits.data(), last, value, static_cast<int>(base));
  if (end != last) return std::nullopt;
  if (problem == std::errc::result_out_of_range) throw Failure("an integer beyond 64 bits");
  if (problem != std::errc{}) return std::nullopt;
  return value;
}

std::optional<std::int64_t> truncated(double number) {
  if (!std::isfinite(number)) return std::nullopt;
  constexpr double kBound = 9.2e18;
  if (std::abs(number) > kBound) throw Failure("an integer beyond 64 bits");
  return static_cast<std::int64_t>(number);
}

Value to_integer(Interpreter&, const Value& input, Arguments& arguments) {
  const Bound given("int", arguments, {"default", "base"});
  require_defined(input);
  const Value otherwise = given.has(0) ? given[0] : Value(std::int64_t{0});
  if (const auto integer = as_integer(input)) return *integer;
  std::optional<double> real;
  if (const auto* number = std::get_if<double>(&input)) real = *number;
  if (as_string(input)) {
    const std::int64_t base = given.integer(1, 10);
    if (base < 2 || base > 36) throw Failure("int: a base is from 2 to 36");
    if (const auto integer = parsed_integer(bytes_of(input), base)) return *integer;
    real = parsed_real(bytes_of(input));
  }
  const auto integer = real ? truncated(*real) : std::nullopt;
  return integer ? Value(*integer) : otherwise;
}

Value to_real(Interpreter&, const Value& input, Arguments& arguments) {
  const Bound given("float", arguments, {"default"});
  require_defined(input);
  if (const auto number = as_number(input)) return *number;
  if (as_string(input)) {
    if (const auto number = parsed_real(bytes_of(input))) return *number;
  }
  return given.has(0) ? given[0] : Value(0.0);
}

Value rounded(Interpreter&, const Value& input, Arguments& arguments) {
  const Bound given("round", arguments, {"precision", "method"});
  const std::int64_t digits = given.integer(0, 0);
  const std::string_view method = given.has(1) ? given.string(1).text.bytes() : "common";
  require_defined(input);
  const auto number = as_number(input);
  if (!number) throw Failure("round: '" + type_name(input) + "' is no number");
  if (method == "ceil" || method == "floor") {
    const double scale = std::pow(10.0, static_cast<double>(digits));
    const double scaled = *number * scale;
    return (method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / scale;
  }
  if (method != "common") throw Failure("round: the method is common, ceil or floor");
  if (as_integer(input) && digits >= 0) return *as_integer(input);
  if (digits < 0 || digits > 300) {
    const double scale = std::pow(10.0, static_cast<double>(-digits));
    return digits > 300 ? *number : std::nearbyint(*number / scale) * scale;
  }
  std::array<char, 700> buffer;  // correctly rounded, as Python's repr-based rounding is
  const auto [end, problem] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), *number,
                                            std::chars_format::fixed, static_cast<int>(digits));
  if (problem != std::errc{}) return *number;
  double result = *number;
  std::from_chars(buffer.data(), end, result);
  return result;
}

Value tojson(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("tojson", arguments, {"ensure_ascii", "indent", "separators", "sort_keys"});
  JsonStyle style;
  std::string indent;
  style.ascii = given.boolean(0, false);
  style.sort_keys = given.boolean(3, false);
  if (given.has(1) && !is_none(given[1])) {
    style.breaks_lines = true;
    if (as_string(given[1])) {
      indent = bytes_of(given[1]);
    } else {
      constexpr std::int64_t kLargest = 1000;
      const std::int64_t count = given.integer(1, 0);
      if (count > kLargest) throw Failure("tojson: at most 1000 blanks of indent");
      indent.assign(static_cast<std::size_t>(std::max<std::int64_t>(count, 0)), ' ');
    }
    style.indent = indent;
  }
  style.comma = Text(style.breaks_lines ? "," : ", ", false);
  style.colon = Text(": ", false);
  if (given.has(2) && !is_none(given[2])) {
    const auto parts = items_of(in.heap(), given[2]);
    if (parts->items.size() != 2 || !as_string(parts->items[0]) || !as_string(parts->items[1])) {
      throw Failure("tojson: separators are two strings");
    }
    style.comma = as_string(parts->items[0])->text;
    style.colon = as_string(parts->items[1])->text;
  }
  return in.heap().string(json_text(in, input, style));
}

Value attr(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("attr", arguments, {"name"}, 1);
  require_defined(input);
  if (as<Dict>(input) && !find_method(input, bytes_of(given[0]))) {
    return undefined("'dict' has no attribute '" + std::string(given.string(0).text.bytes()) + "'");
  }
  return attribute(in, input, given.string(0).text.bytes());
}

constexpr std::array kValueFilters = {
    Filter{"abs", absolute},     Filter{"attr", attr},        Filter{"count", length},
    Filter{"d", fallback},       Filter{"default", fallback}, Filter{"e", escape},
    Filter{"escape", escape},    Filter{"float", to_real},    Filter{"int", to_integer},
    Filter{"length", length},    Filter{"round", rounded},    Filter{"safe", safe},
    Filter{"string", to_string}, Filter{"tojson", tojson}};

}  // namespace

const Filter* find_filter(std::string_view name) {
  for (const auto table :
       {std::span<const Filter>(kValueFilters), text_filters(), list_filters()}) {
    for (const Filter& filter : table) {
      if (filter.name == name) return &filter;
    }
  }
  return nullptr;
}

}  // namespace unmask::jinja
