#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "text/jinja/filter_tables.h"
#include "text/jinja/format.h"
#include "text/jinja/operators.h"
#include "text/jinja/python_text.h"
#include "text/jinja/strings.h"
#include "text/unicode.h"

namespace unmask::jinja {
namespace {

bool is_markup(const Value& value) {
  const String* const text = as_string(value);
  return text != nullptr && text->markup;
}

template <Case to>
Value change_case(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("a filter", arguments, {});
  return in.heap().string(with_case(in.heap(), to_text(in, input), to), is_markup(input));
}

// Words begin at a dash, a space or an opening bracket as well.
Value title(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("title", arguments, {});
  const Text text = to_text(in, input);
  const std::string_view bytes = text.bytes();
  Text result;
  in.heap().work(bytes.size() / 16);
  in.heap().room(bytes.size() * 3);
  const auto breaks = [](char32_t c) {
    return is_space(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
  };
  bool begins = true;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto decoded = utf8::decode(bytes, at);
    const char32_t c = decoded ? decoded->code_point : 0xFFFD;
    std::string mapped;
    if (begins && !breaks(c)) {
      unicode::append_upper(mapped, c);
    } else {
      unicode::append_lower(mapped, c);
    }
    result.append(mapped, text.own_at(at));
    begins = breaks(c);
    at += decoded ? decoded->bytes : 1;
  }
  return in.heap().string(std::move(result));
}

Value trim(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("trim", arguments, {"chars"});
  const String* const set = given.has(0) && !is_none(given[0]) ? &given.string(0) : nullptr;
  return in.heap().string(stripped(in.heap(), to_text(in, input), set, true, true),
                          is_markup(input));
}

Value replace(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("replace", arguments, {"old", "new", "count"}, 2);
  const Text old = to_text(in, given[0]);
  const bool limited = given.has(2) && !is_none(given[2]);
  return in.heap().string(replaced(in.heap(), to_text(in, input), old.bytes(),
                                   to_text(in, given[1]), limited ? given.integer(2, -1) : -1));
}

Value center(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("center", arguments, {"width"});
  const Value text = in.heap().string(to_text(in, input), is_markup(input));
  return in.heap().string(padded(in.heap(), *as_string(text), given.integer(0, 80), '|'),
                          is_markup(input));
}

Value indent(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("indent", arguments, {"width", "first", "blank"});
  Heap& heap = in.heap();
  require_defined(input);
  const String* const string = as_string(input);
  if (string == nullptr) throw Failure("indent: '" + type_name(input) + "' is no string");
  const Text step = given.has(0) && as_string(given[0]) ? given.string(0).text
                                                        : filled(heap, " ", given.integer(0, 4));
  const bool first = given.boolean(1, false), blank = given.boolean(2, false);
  Text text = string->text;
  text.append("\n", true);
  Text result;
  bool is_first = true;
  for (const Value& value : lines_of(heap, text, false)) {
    const Text& line = as_string(value)->text;
    heap.work(1 + step.size() / 64);
    heap.room(result.size() + step.size() + line.size() + 1);
    if (!is_first) result.append("\n", true);
    if (is_first ? first : blank || !line.empty()) result.append(step);
    result.append(line);
    is_first = false;
  }
  return heap.string(std::move(result), string->markup);
}

Value format(Interpreter& in, const Value& input, Arguments& arguments) {
  if (!arguments.positional.empty() && !arguments.named.empty()) {
    throw Failure("format: values with names or without, not both");
  }
  const Value text = in.heap().string(to_text(in, input), is_markup(input));
  if (arguments.named.empty()) {
    return percent_format(in, *as_string(text), in.heap().tuple(arguments.positional));
  }
  std::vector<std::pair<Value, Value>> entries;
  for (const auto& [name, value] : arguments.named)
    entries.emplace_back(in.heap().own(name), value);
  return percent_format(in, *as_string(text), in.heap().dict(std::move(entries)));
}

Value wordcount(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("wordcount", arguments, {});
  const Text text = to_text(in, input);
  in.heap().work(text.size() / 16);
  std::int64_t words = 0;
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text.bytes(), at);
    const bool word = decoded && unicode::is_word(decoded->code_point);
    if (word && !inside) ++words;
    inside = word;
    at += decoded ? decoded->bytes : 1;
  }
  return words;
}

Value truncate(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("truncate", arguments, {"length", "killwords", "end", "leeway"});
  const std::int64_t length = given.integer(0, 255);
  const std::int64_t leeway = given.has(3) && is_none(given[3]) ? 5 : given.integer(3, 5);
  const Text end = given.has(2) ? given.string(2).text : Text("...", true);
  const auto end_length = static_cast<std::int64_t>(given.has(2) ? given.string(2).length : 3);
  if (length < end_length || leeway < 0) throw Failure("truncate: too small a length or leeway");
  if (length_of(input).value_or(INT64_MAX) - leeway <= length) return input;
  const String* const string = as_string(input);
  if (string == nullptr) throw Failure("truncate: '" + type_name(input) + "' is no string");
  const std::size_t cut = byte_of(*string, static_cast<std::size_t>(length - end_length));
  const std::size_t blank = string->text.bytes().substr(0, cut).rfind(' ');
  const bool whole = given.boolean(1, false) || blank == std::string_view::npos;
  Text result = string->text.part(0, whole ? cut : blank);
  result.append(end);
  return in.heap().string(std::move(result));
}

Value urlencode(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("urlencode", arguments, {});
  if (is_iterable(input) && !as_string(input) && !is_undefined(input)) {
    throw Failure("urlencode takes strings here");
  }
  const Text text = to_text(in, input);
  in.heap().work(text.size() / 16);
  in.heap().room(text.size() * 3);
  constexpr std::string_view kHex = "0123456789ABCDEF";
  Text result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text.bytes()[at]);
    const bool plain =
        (c < 0x80 && std::isalnum(c) != 0) ||
        std::string_view("_.-~/").find(static_cast<char>(c)) != std::string_view::npos;
    const std::string code = {'%', kHex[c >> 4], kHex[c & 15]};
    result.append(plain ? text.bytes().substr(at, 1) : std::string_view(code), text.own_at(at));
  }
  return in.heap().string(std::move(result));
}

constexpr std::array kFilters = {Filter{"capitalize", change_case<Case::capital>},
                                 Filter{"center", center},
                                 Filter{"format", format},
                                 Filter{"indent", indent},
                                 Filter{"lower", change_case<Case::lower>},
                                 Filter{"replace", replace},
                                 Filter{"title", title},
                                 Filter{"trim", trim},
                                 Filter{"truncate", truncate},
                                 Filter{"upper", change_case<Case::upper>},
                                 Filter{"urlencode", urlencode},
                                 Filter{"wordcount", wordcount}};

}  // namespace

std::span<const Filter> text_filters() { return kFilters; }

Text escaped(Heap& heap, const Text& text) {
  heap.work(text.size() / 16);
  heap.room(text.size() * 5);
  static constexpr std::pair<char, std::string_view> kEscapes[] = {
      {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'\'', "&#39;"}, {'"', "&#34;"}};
  Text result;
  const std::string_view bytes = text.bytes();
  text.each_run(0, text.size(), [&](std::size_t from, std::size_t to, bool own) {
    for (; from < to; ++from) {
      const auto* const found =
          std::find_if(std::begin(kEscapes), std::end(kEscapes),
                       [&](const auto& escape) { return escape.first == bytes[from]; });
      result.append(found == std::end(kEscapes) ? bytes.substr(from, 1) : found->second, own);
    }
  });
  return result;
}

}  // namespace unmask::jinja
