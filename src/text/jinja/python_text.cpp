#include "text/jinja/python_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/utf8.h"
#include "text/jinja/interpreter.h"
#include "text/unicode.h"

namespace unmask::jinja {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void append_hex(std::string& into, char32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) into += kHex[(value >> shift) & 0xF];
}

// How repr writes a character that it does not leave as it is.
std::string repr_escape(char32_t c) {
  if (c == '\n') return "\\n";
  if (c == '\r') return "\\r";
  if (c == '\t') return "\\t";
  const bool small = c < 0x100, middle = c < 0x10000;
  std::string result = small ? "\\x" : middle ? "\\u" : "\\U";
  append_hex(result, c, small ? 2 : middle ? 4 : 8);
  return result;
}

Text string_repr(Heap& heap, const Text& text) {
  const std::string_view bytes = text.bytes();
  heap.work(bytes.size() / 16);
  heap.room(bytes.size() * 4);
  const bool doubled =
      bytes.find('\'') != std::string_view::npos && bytes.find('"') == std::string_view::npos;
  const char quote = doubled ? '"' : '\'';
  Text result;
  result.append({&quote, 1}, false);
  text.each_run(0, text.size(), [&](std::size_t from, std::size_t to, bool own) {
    while (from < to) {
      const auto decoded = utf8::decode(bytes, from);
      const std::size_t size = decoded ? decoded->bytes : 1;
      const char32_t c = decoded ? decoded->code_point : 0xFFFD;
      if (c == '\\' || c == static_cast<char32_t>(quote)) {
        result.append(std::string("\\") + bytes[from], own);
      } else if (c == ' ' || unicode::is_printable(c)) {
        result.append(bytes.substr(from, size), own);
      } else {
        result.append(repr_escape(c), own);
      }
      from += size;
    }
  });
  result.append({&quote, 1}, false);
  return result;
}

void append_items(Interpreter& interpreter, const Values& items, Text& result) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) result.append(", ", false);
    result.append(repr(interpreter, items[i]));
    interpreter.heap().room(result.size());
  }
}

Text bracketed(Interpreter& interpreter, const Values& items, std::string_view open,
               std::string_view close) {
  const Interpreter::Printing printing(interpreter, &items);
  if (printing.is_within_itself()) return {std::string(open) + "..." + std::string(close), false};
  Text result(std::string(open), false);
  append_items(interpreter, items, result);
  result.append(close, false);
  return result;
}

Text dict_repr(Interpreter& interpreter, const Dict& dict) {
  const Interpreter::Printing printing(interpreter, &dict);
  if (printing.is_within_itself()) return {"{...}", false};
  Text result("{", false);
  for (const auto& [key, value] : dict.entries) {
    if (result.size() > 1) result.append(", ", false);
    result.append(repr(interpreter, key));
    result.append(": ", false);
    result.append(repr(interpreter, value));
    interpreter.heap().room(result.size());
  }
  result.append("}", false);
  return result;
}

std::string range_repr(const Range& range) {
  std::string text = "range(" + std::to_string(range.start) + ", " + std::to_string(range.stop);
  if (range.step != 1) text += ", " + std::to_string(range.step);
  return text + ")";
}

}  // namespace

bool is_space(char32_t c) { return unicode::is_space(c) || (c >= 0x1C && c <= 0x1F); }

std::size_t leading_spaces(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto decoded = utf8::decode(text, at);
    if (!decoded || !is_space(decoded->code_point)) break;
    at += decoded->bytes;
  }
  return at;
}

std::size_t end_without_spaces(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0) {
    std::size_t start = end - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    const auto decoded = utf8::decode(text, start);
    if (!decoded || !is_space(decoded->code_point)) break;
    end = start;
  }
  return end;
}

std::string float_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  std::array<char, 64> buffer;
  const auto [end, problem] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                            std::chars_format::scientific);
  std::string digits(buffer.data(), end);
  const std::size_t mark = digits.find('e');
  const int exponent = std::atoi(digits.c_str() + mark + 1);
  digits.resize(mark);
  if (exponent < -4 || exponent >= 16) {
    const std::string power = std::to_string(std::abs(exponent));
    return digits + (exponent < 0 ? "e-" : "e+") + (power.size() < 2 ? "0" : "") + power;
  }
  std::array<char, 400> fixed;
  const auto plain =
      std::to_chars(fixed.data(), fixed.data() + fixed.size(), number, std::chars_format::fixed);
  std::string text(fixed.data(), plain.ptr);
  return text.find('.') == std::string::npos ? text + ".0" : text;
}

Text to_text(Interpreter& interpreter, const Value& value) {
  if (const String* string = as_string(value)) return string->text;
  if (is_undefined(value)) return {};
  return repr(interpreter, value);
}

Text repr(Interpreter& interpreter, const Value& value) {
  Heap& heap = interpreter.heap();
  heap.work();
  if (const String* string = as_string(value)) {
    Text text = string_repr(heap, string->text);
    if (!string->markup) return text;
    Text result("Markup(", false);
    result.append(text);
    result.append(")", false);
    return result;
  }
  const auto given = [](std::string text) { return Text(std::move(text), false); };
  if (is_undefined(value)) return given("Undefined");
  if (is_none(value)) return given("None");
  if (const auto* boolean = std::get_if<bool>(&value)) return given(*boolean ? "True" : "False");
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return given(std::to_string(*integer));
  if (const auto* number = std::get_if<double>(&value)) return given(float_text(*number));
  if (const List* list = as<List>(value)) return bracketed(interpreter, list->items, "[", "]");
  if (const Tuple* tuple = as<Tuple>(value)) {
    return bracketed(interpreter, tuple->items, "(", tuple->items.size() == 1 ? ",)" : ")");
  }
  if (const Dict* dict = as<Dict>(value)) return dict_repr(interpreter, *dict);
  if (const View* view = as<View>(value)) {
    return bracketed(interpreter, view->list->items, view->name + std::string("(["), "])");
  }
  if (const Range* range = as<Range>(value)) return given(range_repr(*range));
  if (const auto* object = std::get_if<Object*>(&value)) {
    return given((*object)->description(interpreter));
  }
  return given("<" + type_name(value) + ">");
}

}  // namespace unmask::jinja
