#include "text/jinja/format.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/utf8.h"
#include "text/jinja/operators.h"
#include "text/jinja/python_text.h"
#include "text/jinja/strings.h"

namespace unmask::jinja {
namespace {

constexpr std::int64_t kLargestPrecision = 1000;

// How one value is written: what stands behind the % or the colon.
struct Style {
  std::string fill = " ";
  char alignment = '\0';  // < > ^ or =, where zeros go between sign and digits
  char sign = '-';
  bool alternate = false;
  char group = '\0';  // between thousands
  std::int64_t width = 0;
  std::int64_t precision = -1;
  char type = '\0';
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::int64_t take_number(std::string_view text, std::size_t& at) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data() + at, text.data() + text.size(), value);
  if (problem != std::errc{}) throw Failure("a format with a number that is too large");
  at = static_cast<std::size_t>(end - text.data());
  return value;
}

std::string grouped(const std::string& digits, char separator) {
  if (separator == '\0') return digits;
  std::string result;
  const std::size_t whole = std::min(digits.find_first_of(".e"), digits.size());
  for (std::size_t i = 0; i < whole; ++i) {
    if (i > 0 && (whole - i) % 3 == 0) result += separator;
    result += digits[i];
  }
  return result + digits.substr(whole);
}

std::string in_base(std::uint64_t value, int base, bool upper) {
  std::array<char, 65> buffer;
  const auto [end, problem] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, base);
  std::string text(buffer.data(), end);
  if (upper) {
    for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  }
  return text;
}

// Sign, prefix and digits; padded as `style` says.
Text padded_number(Heap& heap, bool negative, const std::string& prefix, const std::string& digits,
                   const Style& style) {
  std::string sign = negative ? "-" : style.sign == '-' ? "" : std::string(1, style.sign);
  sign += prefix;
  const char alignment = style.alignment == '\0' ? '>' : style.alignment;
  const auto length = static_cast<std::int64_t>(sign.size() + digits.size());
  if (alignment == '=') {
    Text result(sign, false);
    result.append(filled(heap, style.fill, style.width - length).bytes(), false);
    result.append(digits, false);
    return result;
  }
  const auto whole = heap.string(Text(sign + digits, false));
  return padded(heap, *as_string(whole), style.width, alignment, style.fill);
}

Text integer_text(Heap& heap, std::int64_t value, const Style& style) {
  const std::uint64_t size =
      value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const bool upper = style.type == 'X';
  const int base = style.type == 'x' || upper ? 16
                   : style.type == 'o'        ? 8
                   : style.type == 'b'        ? 2
                                              : 10;
  const std::string prefix = style.alternate && base != 10 ? std::string("0") + style.type : "";
  std::string digits = in_base(size, base, upper);
  if (style.precision > static_cast<std::int64_t>(digits.size())) {  // %05.3d
    digits.insert(0, static_cast<std::size_t>(style.precision) - digits.size(), '0');
  }
  return padded_number(heap, value < 0, prefix, grouped(digits, style.group), style);
}

std::string general_text(double size, int precision, bool alternate, bool upper) {
  std::array<char, 2048> buffer;
  const char* format = upper ? (alternate ? "%#.*G" : "%.*G") : (alternate ? "%#.*g" : "%.*g");
  const int length = std::snprintf(buffer.data(), buffer.size(), format, precision, size);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

Text real_text(Heap& heap, double value, const Style& style) {
  const double size = std::abs(value);
  std::array<char, 2048> buffer;
  std::string digits;
  const bool percent = style.type == '%';
  const int precision = style.precision < 0 ? 6 : static_cast<int>(style.precision);
  if (!std::isfinite(value)) {
    digits = std::isnan(value) ? "nan" : "inf";
  } else if (style.type == '\0' && style.precision < 0) {
    digits = float_text(size);
  } else if (style.type == 'g' || style.type == 'G' || style.type == 'n' || style.type == '\0') {
    digits = general_text(size, std::max(precision, 1), style.alternate, style.type == 'G');
    const bool whole = digits.find_first_of(".en") == std::string::npos;
    if (style.type == '\0' && whole) digits += ".0";
  } else {
    const char type = percent ? 'f' : style.type;
    const char format[] = {'%', '.', '*', type, '\0'};
    const int length =
        std::snprintf(buffer.data(), buffer.size(), format, precision, percent ? size * 100 : size);
    digits.assign(buffer.data(), static_cast<std::size_t>(length));
    if (style.alternate && precision == 0) digits += '.';
  }
  if (percent) digits += '%';
  return padded_number(heap, std::signbit(value) && !std::isnan(value), "",
                       grouped(digits, style.group), style);
}

void check(const Style& style) {
  if (style.precision > kLargestPrecision) throw Failure("a format with too large a precision");
}

Text string_text(Heap& heap, const Text& text, const Style& style) {
  Value value = heap.string(text);
  if (style.precision >= 0) {
    const std::size_t end = byte_of(*as_string(value), static_cast<std::size_t>(style.precision));
    value = heap.string(text.part(0, end));
  }
  return padded(heap, *as_string(value), style.width,
                style.alignment == '\0' ? '<' : style.alignment, style.fill);
}

// ---- 'text'.format()

Style brace_style(std::string_view spec) {
  Style style;
  std::size_t at = 0;
  const auto is_alignment = [&](std::size_t i) {
    return i < spec.size() && std::string_view("<>^=").find(spec[i]) != std::string_view::npos;
  };
  const auto first = utf8::decode(spec, 0);
  const auto peek = [&] { return at < spec.size() ? spec[at] : '\0'; };
  if (first && is_alignment(first->bytes)) {
    style.fill = spec.substr(0, first->bytes);
    style.alignment = spec[first->bytes];
    at = first->bytes + 1;
  } else if (is_alignment(0)) {
    style.alignment = spec[at++];
  }
  if (peek() == '+' || peek() == '-' || peek() == ' ') style.sign = spec[at++];
  if (peek() == '#') style.alternate = ++at > 0;
  if (peek() == '0') {
    ++at;
    if (style.alignment == '\0') {
      style.alignment = '=';
      style.fill = "0";
    }
  }
  if (is_digit(peek())) style.width = take_number(spec, at);
  if (peek() == ',' || peek() == '_') style.group = spec[at++];
  if (peek() == '.') {
    ++at;
    if (!is_digit(peek())) throw Failure("a format without its precision");
    style.precision = take_number(spec, at);
  }
  if (at < spec.size()) style.type = spec[at++];
  if (at != spec.size())
    throw Failure("a format that is not understood: '" + std::string(spec.substr(0, 80)) + "'");
  check(style);
  return style;
}

Text formatted(Interpreter& in, const Value& value, std::string_view spec) {
  if (spec.empty()) return to_text(in, value);
  const Style style = brace_style(spec);
  Heap& heap = in.heap();
  const auto type_is = [&](std::string_view types) {
    return style.type == '\0' || types.find(style.type) != std::string_view::npos;
  };
  const bool for_text = type_is("s") && style.alignment != '=' && style.group == '\0';
  if (const String* text = as_string(value); text && for_text) {
    return string_text(heap, text->text, style);
  }
  const bool is_boolean = std::holds_alternative<bool>(value);
  if (is_boolean && style.type == '\0')
    return padded_number(heap, false, "", std::get<bool>(value) ? "1" : "0", style);
  if (const auto integer = as_integer(value); integer && type_is("dxXobn") && style.precision < 0) {
    return integer_text(heap, *integer, style);
  }
  if (const auto number = as_number(value); number && type_is("eEfFgGn%")) {
    return real_text(heap, *number, style);
  }
  require_defined(value);
  throw Failure("the format '" + std::string(spec.substr(0, 80)) + "' does not go with '" +
                type_name(value) + "'");
}

class BraceFormat {
 public:
  BraceFormat(Interpreter& in, const String& format, const Arguments& arguments)
      : in_(in), format_(format), arguments_(arguments) {}

  Text run() {
    const std::string_view bytes = format_.text.bytes();
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t brace = std::min(bytes.find_first_of("{}", at), bytes.size());
      result_.append(format_.text, at, brace);
      at = brace;
      if (at == bytes.size()) break;
      if (at + 1 < bytes.size() && bytes[at + 1] == bytes[at]) {
        result_.append(format_.text, at, at + 1);
        at += 2;
      } else if (bytes[at] == '}') {
        throw Failure("format: a single }");
      } else {
        at = field(at + 1);
      }
      in_.heap().work();
      in_.heap().room(result_.size());
    }
    return std::move(result_);
  }

 private:
  // {name!r:spec}, from behind the brace.
  std::size_t field(std::size_t at) {
    const std::string_view bytes = format_.text.bytes();
    const std::size_t end = bytes.find_first_of("{}", at);
    if (end == std::string_view::npos || bytes[end] == '{') {
      throw Failure("format: a field without end, or with fields within");
    }
    std::string_view inside = bytes.substr(at, end - at);
    const std::size_t name_end = std::min(inside.find_first_of("!:"), inside.size());
    Value value = named(inside.substr(0, name_end));
    inside.remove_prefix(name_end);
    if (inside.starts_with('!')) {
      const char how = inside.size() > 1 ? inside[1] : '\0';
      if (how != 'r' && how != 's') throw Failure("format: an unknown conversion");
      value = in_.heap().string(how == 'r' ? repr(in_, value) : to_text(in_, value));
      inside.remove_prefix(2);
      if (!inside.empty() && inside[0] != ':')
        throw Failure("format: expected ':' after a conversion");
    }
    const Text text = formatted(in_, value, inside.empty() ? inside : inside.substr(1));
    result_.append(format_.markup ? escaped(in_.heap(), text) : text);
    return end + 1;
  }

  Value named(std::string_view path) {
    const std::size_t end = std::min(path.find_first_of(".["), path.size());
    Value value = argument(path.substr(0, end));
    path.remove_prefix(end);
    while (!path.empty()) {
      const bool is_item = path[0] == '[';
      const std::size_t stop =
          is_item ? path.find(']') : std::min(path.find_first_of(".[", 1), path.size());
      if (stop == std::string_view::npos || stop < 2) throw Failure("format: a path without end");
      const std::string_view key = path.substr(1, stop - 1);
      if (is_item) {
        value = item(in_, value, index(key));
      } else {
        value = attribute(in_, value, key);
      }
      path.remove_prefix(is_item ? stop + 1 : stop);
    }
    return value;
  }

  Value index(std::string_view key) {
    std::size_t at = 0;
    if (!is_digit(key[0])) return in_.heap().given(key);
    const std::int64_t number = take_number(key, at);
    return at == key.size() ? Value(number) : in_.heap().given(key);
  }

  Value argument(std::string_view name) {
    if (name.empty() || is_digit(name[0])) {
      std::size_t at = 0;
      if ((next_ > 0 && !name.empty()) || (next_ < 0 && name.empty())) {
        throw Failure("format: fields with and without numbers");
      }
      const std::int64_t which = name.empty() ? next_++ : take_number(name, at);
      if (!name.empty()) next_ = -1;
      if (at != name.size()) throw Failure("format: a name that begins with a digit");
      if (which >= std::ssize(arguments_.positional)) throw Failure("format: too few values");
      return arguments_.positional[static_cast<std::size_t>(which)];
    }
    for (const auto& [key, value] : arguments_.named) {
      if (key == name) return value;
    }
    throw Failure("format: there is no value '" + std::string(name.substr(0, 80)) + "'");
  }

  Interpreter& in_;
  const String& format_;
  const Arguments& arguments_;
  Text result_;
  std::int64_t next_ = 0;  // the next field without a number; -1: those in use have numbers
};

// ---- 'text' % values

class PercentFormat {
 public:
  PercentFormat(Interpreter& in, const String& format, const Value& values)
      : in_(in), format_(format), values_(values), tuple_(as<Tuple>(values)) {}

  Text run() {
    const std::string_view bytes = format_.text.bytes();
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t sign = std::min(bytes.find('%', at), bytes.size());
      result_.append(format_.text, at, sign);
      at = sign == bytes.size() ? sign : conversion(sign);
      in_.heap().work();
      in_.heap().room(result_.size());
    }
    const bool all_used = tuple_ ? next_ == tuple_->items.size()
                                 : next_ > 0 || is_undefined(values_) || as<Dict>(values_) ||
                                       as<List>(values_) || as<Range>(values_);
    if (!all_used) throw Failure("%: not all values are used by the format");
    return std::move(result_);
  }

 private:
  Value next() {
    if (tuple_ == nullptr) {
      if (next_++ > 0) throw Failure("%: too few values for the format");
      return values_;
    }
    if (next_ >= tuple_->items.size()) throw Failure("%: too few values for the format");
    return tuple_->items[next_++];
  }

  Value keyed(std::string_view key) {
    const Dict* const dict = as<Dict>(values_);
    if (dict == nullptr) throw Failure("%: a format with names needs a dict");
    const Value* const value = find(*dict, key);
    if (value == nullptr)
      throw Failure("%: there is no value '" + std::string(key.substr(0, 80)) + "'");
    ++next_;
    return *value;
  }

  std::int64_t size(std::size_t& at) {
    const std::string_view bytes = format_.text.bytes();
    if (at < bytes.size() && bytes[at] == '*') {
      ++at;
      const auto value = as_integer(next());
      if (!value) throw Failure("%: * wants an integer");
      return *value;
    }
    return at < bytes.size() && is_digit(bytes[at]) ? take_number(bytes, at) : 0;
  }

  std::size_t conversion(std::size_t sign) {
    const std::string_view bytes = format_.text.bytes();
    std::size_t at = sign + 1;
    const auto peek = [&] { return at < bytes.size() ? bytes[at] : '\0'; };
    std::optional<Value> value;
    if (peek() == '(') {
      const std::size_t end = bytes.find(')', at);
      if (end == std::string_view::npos) throw Failure("%: a name without end");
      value = keyed(bytes.substr(at + 1, end - at - 1));
      at = end + 1;
    }
    Style style;
    style.alignment = '>';
    while (std::string_view("#0- +").find(peek()) != std::string_view::npos && peek() != '\0') {
      flag(bytes[at++], style);
    }
    style.width = size(at);
    if (style.width < 0) {
      style.alignment = '<';
      style.width = style.width < -INT64_MAX ? INT64_MAX : -style.width;
    }
    if (peek() == '.') {
      ++at;
      style.precision = std::max<std::int64_t>(size(at), 0);
    }
    while (peek() == 'l' || peek() == 'h' || peek() == 'L') ++at;
    style.type = peek();
    if (style.type == '\0') throw Failure("%: a format without end");
    if (style.type == '%') {
      result_.append(format_.text, at, at + 1);
    } else {
      put(style, value ? *std::move(value) : next());
    }
    return at + 1;
  }

  static void flag(char c, Style& style) {
    if (c == '#') style.alternate = true;
    if (c == '-') style.alignment = '<';
    if (c == '+' || (c == ' ' && style.sign == '-')) style.sign = c;
    if (c == '0' && style.alignment != '<') {
      style.alignment = '=';
      style.fill = "0";
    }
  }

  void put(Style style, const Value& value) {
    Heap& heap = in_.heap();
    if (style.alignment == '<') style.fill = " ";
    if (style.type == 's' || style.type == 'r') {
      if (style.alignment == '=') style.alignment = '>';
      style.fill = " ";
      const Text text = style.type == 's' ? to_text(in_, value) : repr(in_, value);
      const String* const string = as_string(value);
      const bool escapes = format_.markup && !(string && string->markup);
      result_.append(string_text(heap, escapes ? escaped(heap, text) : text, style));
      return;
    }
    check(style);
    require_defined(value);
    const auto number = as_number(value);
    if (!number)
      throw Failure(std::string("%") + style.type + " wants a number, not '" + type_name(value) +
                    "'");
    if (std::string_view("diuxXo").find(style.type) != std::string_view::npos) {
      auto integer = as_integer(value);
      if (!integer && style.type != 'd' && style.type != 'i' && style.type != 'u') {
        throw Failure(std::string("%") + style.type + " wants an integer");
      }
      if (!integer) integer = truncated(*number);
      result_.append(integer_text(heap, *integer, style));
    } else if (std::string_view("eEfFgG").find(style.type) != std::string_view::npos) {
      result_.append(real_text(heap, *number, style));
    } else {
      throw Failure(std::string("%: an unknown format '") + style.type + "'");
    }
  }

  static std::int64_t truncated(double number) {
    constexpr double kBound = 9.2e18;
    if (!(std::abs(number) < kBound)) throw Failure("a float too large for an integer");
    return static_cast<std::int64_t>(number);
  }

  Interpreter& in_;
  const String& format_;
  const Value& values_;
  const Tuple* tuple_;
  Text result_;
  std::size_t next_ = 0;
};

}  // namespace

Value brace_format(Interpreter& interpreter, const String& format, Arguments& arguments) {
  return interpreter.heap().string(BraceFormat(interpreter, format, arguments).run(),
                                   format.markup);
}

Value percent_format(Interpreter& interpreter, const String& format, const Value& values) {
  return interpreter.heap().string(PercentFormat(interpreter, format, values).run(), format.markup);
}

}  // namespace unmask::jinja
