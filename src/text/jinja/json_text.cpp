#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "text/jinja/interpreter.h"
#include "text/jinja/operators.h"
#include "text/jinja/python_text.h"

namespace unmask::jinja {
namespace {

std::string unit_escape(std::uint32_t unit) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string result = "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) result += kHex[(unit >> shift) & 0xF];
  return result;
}

// How a character stands within a JSON string; "" where it stands as it is.
std::string json_escape(char32_t c, bool ascii) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\f':
      return "\\f";
    case '\b':
      return "\\b";
    default:
      break;
  }
  if (c < 0x20) return unit_escape(c);
  if (!ascii || c < 0x7F) return "";
  if (c < 0x10000) return unit_escape(c);
  return unit_escape(0xD800 + ((c - 0x10000) >> 10)) +
         unit_escape(0xDC00 + ((c - 0x10000) & 0x3FF));
}

class Writer {
 public:
  Writer(Interpreter& interpreter, const JsonStyle& style)
      : interpreter_(interpreter), style_(style) {}

  Text write(const Value& value) {
    put(value);
    return std::move(result_);
  }

 private:
  void plain(std::string_view text) { result_.append(text, false); }

  void put(const Value& value) {
    interpreter_.heap().work();
    interpreter_.heap().room(result_.size());
    if (const String* text = as_string(value)) return string(text->text);
    if (const List* list = as<List>(value)) return array(list->items);
    if (const Tuple* tuple = as<Tuple>(value)) return array(tuple->items);
    if (const Dict* dict = as<Dict>(value)) return object(*dict);
    plain(scalar(value));
  }

  std::string scalar(const Value& value) {
    if (is_none(value)) return "null";
    if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
    if (const auto* number = std::get_if<double>(&value)) {
      if (std::isnan(*number)) return "NaN";
      if (std::isinf(*number)) return *number < 0 ? "-Infinity" : "Infinity";
      return float_text(*number);
    }
    require_defined(value);
    throw Failure("tojson: an object of type " + type_name(value) + " cannot be written as JSON");
  }

  void string(const Text& text) {
    const std::string_view bytes = text.bytes();
    interpreter_.heap().work(bytes.size() / 16);
    interpreter_.heap().room(result_.size() + bytes.size() * 6);
    plain("\"");
    text.each_run(0, text.size(), [&](std::size_t from, std::size_t to, bool own) {
      while (from < to) {
        const auto decoded = utf8::decode(bytes, from);
        const std::size_t size = decoded ? decoded->bytes : 1;
        const std::string escape =
            json_escape(decoded ? decoded->code_point : 0xFFFD, style_.ascii);
        result_.append(escape.empty() ? bytes.substr(from, size) : std::string_view(escape), own);
        from += size;
      }
    });
    plain("\"");
  }

  void line_break() {
    if (!style_.breaks_lines) return;
    interpreter_.heap().room(result_.size() +
                             static_cast<std::size_t>(level_) * style_.indent.size());
    plain("\n");
    for (int i = 0; i < level_; ++i) plain(style_.indent);
  }

  template <typename Items, typename Put>
  void items(const Items& items, std::string_view open, std::string_view close, Put put_item) {
    plain(open);
    ++level_;
    bool first = true;
    for (const auto& item : items) {
      if (!first) result_.append(style_.comma);
      first = false;
      line_break();
      put_item(item);
    }
    --level_;
    if (!first) line_break();
    plain(close);
  }

  void array(const Values& values) {
    items(values, "[", "]", [this](const Value& value) { put(value); });
  }

  void object(const Dict& dict) {
    std::vector<const std::pair<Value, Value>*> entries;
    for (const auto& entry : dict.entries) entries.push_back(&entry);
    Heap& heap = interpreter_.heap();
    if (style_.sort_keys) {
      heap.work(entries.size() * 4);
      std::stable_sort(entries.begin(), entries.end(), [&](const auto* a, const auto* b) {
        return less(heap, a->first, b->first);
      });
    }
    items(entries, "{", "}", [this](const auto* entry) {
      key(entry->first);
      result_.append(style_.colon);
      put(entry->second);
    });
  }

  void key(const Value& key) {
    if (const String* text = as_string(key)) return string(text->text);
    string(Text(scalar(key), false));
  }

  Interpreter& interpreter_;
  const JsonStyle& style_;
  Text result_;
  int level_ = 0;
};

}  // namespace

Text json_text(Interpreter& interpreter, const Value& value, const JsonStyle& style) {
  return Writer(interpreter, style).write(value);
}

}  // namespace unmask::jinja
