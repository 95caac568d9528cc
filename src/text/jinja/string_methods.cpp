// The methods of strings that a template may call.
#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "text/jinja/format.h"
#include "text/jinja/method_tables.h"
#include "text/jinja/operators.h"
#include "text/jinja/python_text.h"
#include "text/jinja/strings.h"
#include "text/unicode.h"

namespace unmask::jinja {
namespace {

const String& self_string(const Value& self) { return *as_string(self); }

template <Case to>
Value change_case(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound none("a method of str", arguments, {});
  return in.heap().string(with_case(in.heap(), self_string(self).text, to),
                          self_string(self).markup);
}

template <bool left, bool right>
Value strip(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("strip", arguments, {"chars"});
  const String* set = given.has(0) && !is_none(given[0]) ? &given.string(0) : nullptr;
  return in.heap().string(stripped(in.heap(), self_string(self).text, set, left, right),
                          self_string(self).markup);
}

// Where the words of split() without a separator lie.
std::vector<std::pair<std::size_t, std::size_t>> words(std::string_view bytes) {
  std::vector<std::pair<std::size_t, std::size_t>> result;
  bool inside = false;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto decoded = utf8::decode(bytes, at);
    const std::size_t size = decoded ? decoded->bytes : 1;
    const bool space = decoded && is_space(decoded->code_point);
    if (!space && !inside) result.emplace_back(at, at);
    inside = !space;
    at += size;
    if (inside) result.back().second = at;
  }
  return result;
}

Value split_words(Heap& heap, const String& self, std::int64_t limit, bool from_right) {
  const Text& text = self.text;
  heap.work(text.size() / 16);
  heap.room(text.size() * sizeof(std::size_t));
  auto found = words(text.bytes());
  if (limit >= 0 && std::ssize(found) > limit) {
    const auto kept = static_cast<std::ptrdiff_t>(limit);
    if (from_right) {  // the beginning stays together
      found.erase(found.begin(), found.end() - kept - 1);
      found.front().first = 0;
    } else {
      found.resize(static_cast<std::size_t>(kept) + 1);
      found.back().second = text.size();
    }
  }
  Values parts;
  for (const auto& [from, to] : found)
    parts.push_back(heap.string(text.part(from, to), self.markup));
  return heap.list(std::move(parts));
}

Value split_at(Heap& heap, const String& self, std::string_view separator, std::int64_t limit) {
  if (separator.empty()) throw Failure("split: the separator is empty");
  Values parts;
  std::size_t at = 0;
  while (limit-- != 0) {
    const std::size_t found = find_bytes(heap, self.text.bytes(), separator, at);
    if (found == std::string_view::npos) break;
    parts.push_back(heap.string(self.text.part(at, found), self.markup));
    at = found + separator.size();
    heap.work();
  }
  parts.push_back(heap.string(self.text.part(at, self.text.size()), self.markup));
  return heap.list(std::move(parts));
}

Value rsplit_at(Heap& heap, const String& self, std::string_view separator, std::int64_t limit) {
  if (separator.empty()) throw Failure("rsplit: the separator is empty");
  Values parts;
  std::size_t end = self.text.size();
  const bool long_one = separator.size() > 16;  // a search that may take its length at every place
  while (limit-- != 0) {
    const std::string_view rest = self.text.bytes().substr(0, end);
    const std::size_t found = long_one ? rfind_bytes(heap, rest, separator) : rest.rfind(separator);
    if (found == std::string_view::npos) break;
    heap.work(1 + (end - found) / 64);
    parts.push_back(heap.string(self.text.part(found + separator.size(), end), self.markup));
    end = found;
  }
  parts.push_back(heap.string(self.text.part(0, end), self.markup));
  std::reverse(parts.begin(), parts.end());
  return heap.list(std::move(parts));
}

template <bool from_right>
Value split(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("split", arguments, {"sep", "maxsplit"});
  const std::int64_t limit = given.integer(1, -1);
  const String& text = self_string(self);
  if (!given.has(0) || is_none(given[0])) return split_words(in.heap(), text, limit, from_right);
  const std::string_view separator = given.string(0).text.bytes();
  if (from_right) {
    if (limit >= 0) return rsplit_at(in.heap(), text, separator, limit);
    if (separator.size() > 1) return rsplit_at(in.heap(), text, separator, limit);
  }
  return split_at(in.heap(), text, separator, limit);
}

Value splitlines(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("splitlines", arguments, {"keepends"});
  return in.heap().list(lines_of(in.heap(), self_string(self).text, given.boolean(0, false)));
}

template <bool from_right>
Value partition(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("partition", arguments, {"sep"}, 1);
  const Text& text = self_string(self).text;
  const Text& separator = given.string(0).text;
  Heap& heap = in.heap();
  if (separator.empty()) throw Failure("partition: the separator is empty");
  const std::size_t at = from_right ? rfind_bytes(heap, text.bytes(), separator.bytes())
                                    : find_bytes(heap, text.bytes(), separator.bytes());
  const auto part = [&](std::size_t from, std::size_t to) {
    return heap.string(text.part(from, to));
  };
  if (at == std::string_view::npos) {
    if (from_right) return heap.tuple({heap.own(""), heap.own(""), self});
    return heap.tuple({self, heap.own(""), heap.own("")});
  }
  const std::size_t end = at + separator.size();
  return heap.tuple({part(0, at), part(at, end), part(end, text.size())});
}

Value replace(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("replace", arguments, {"old", "new", "count"}, 2);
  Heap& heap = in.heap();
  const String& with = given.string(1);
  const bool markup = self_string(self).markup;
  const Text text = markup && !with.markup ? escaped(heap, with.text) : with.text;
  return heap.string(replaced(heap, self_string(self).text, given.string(0).text.bytes(), text,
                              given.integer(2, -1)),
                     markup);
}

// The part of a string between the code points that a method is given, and its offset in bytes.
struct Window {
  std::string_view bytes{};
  std::int64_t start = 0;
  bool exists = true;
};

Window window(const String& self, const Bound& given) {
  const auto size = static_cast<std::int64_t>(self.length);
  const auto bound = [&](std::size_t which, std::int64_t fallback) {
    if (!given.has(which) || is_none(given[which])) return fallback;
    const std::int64_t index = given.integer(which, fallback);
    return index < 0 ? std::max<std::int64_t>(index + size, 0) : index;
  };
  const std::int64_t start = bound(1, 0), stop = std::min(bound(2, size), size);
  if (start > stop) return {.exists = false};
  const std::size_t from = byte_of(self, static_cast<std::size_t>(start));
  const std::size_t to = byte_of(self, static_cast<std::size_t>(stop));
  return {self.text.bytes().substr(from, to - from), start};
}

std::int64_t found_at(Heap& heap, const String& self, const Bound& given, bool from_right) {
  const Window part = window(self, given);
  const std::string_view needle = given.string(0).text.bytes();
  heap.work(self.text.size() / 64);
  if (!part.exists) return -1;
  const std::size_t at =
      from_right ? rfind_bytes(heap, part.bytes, needle) : find_bytes(heap, part.bytes, needle);
  if (at == std::string_view::npos) return -1;
  const std::string_view before = part.bytes.substr(0, at);
  return part.start + std::count_if(before.begin(), before.end(), [](char c) {
           return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
         });
}

template <bool from_right, bool must_be_there>
Value find_text(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("find", arguments, {"sub", "start", "end"}, 1);
  const std::int64_t at = found_at(in.heap(), self_string(self), given, from_right);
  if (must_be_there && at < 0) throw Failure("index: the text is not there");
  return at;
}

Value count_text(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("count", arguments, {"sub", "start", "end"}, 1);
  const Window part = window(self_string(self), given);
  const std::string_view needle = given.string(0).text.bytes();
  if (!part.exists) return std::int64_t{0};
  if (needle.empty()) {
    return 1 + std::count_if(part.bytes.begin(), part.bytes.end(),
                             [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  }
  std::int64_t count = 0;
  for (std::size_t at = find_bytes(in.heap(), part.bytes, needle); at != std::string_view::npos;
       at = find_bytes(in.heap(), part.bytes, needle, at + needle.size())) {
    in.heap().work();
    ++count;
  }
  return count;
}

template <bool at_end>
Value begins(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given(at_end ? "endswith" : "startswith", arguments, {"prefix", "start", "end"}, 1);
  const Window part = window(self_string(self), given);
  const auto fits = [&](const Value& value) {
    require_defined(value);
    if (!as_string(value)) throw Failure("startswith and endswith take strings");
    const std::string_view affix = bytes_of(value);
    in.heap().work(1 + affix.size() / 64);
    return part.exists && (at_end ? part.bytes.ends_with(affix) : part.bytes.starts_with(affix));
  };
  const Tuple* const several = as<Tuple>(given[0]);
  if (several == nullptr) return fits(given[0]);
  return std::any_of(several->items.begin(), several->items.end(), fits);
}

template <bool at_end>
Value without_affix(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("removeprefix", arguments, {"prefix"}, 1);
  const Text& text = self_string(self).text;
  const std::string_view affix = given.string(0).text.bytes();
  if (at_end) {
    if (affix.empty() || !text.bytes().ends_with(affix)) return self;
    return in.heap().string(text.part(0, text.size() - affix.size()), self_string(self).markup);
  }
  if (!text.bytes().starts_with(affix)) return self;
  return in.heap().string(text.part(affix.size(), text.size()), self_string(self).markup);
}

Value join(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("join", arguments, {"iterable"}, 1);
  Heap& heap = in.heap();
  const String& separator = self_string(self);
  Text result;
  bool first = true;
  for (const auto all = items_of(heap, given[0]); const Value& value : all->items) {
    if (!first) result.append(separator.text);
    first = false;
    require_defined(value);
    const String* const text = as_string(value);
    if (!text) throw Failure("join takes strings, not '" + type_name(value) + "'");
    heap.work(1 + (text->text.size() + separator.text.size()) / 64);
    heap.room(result.size() + text->text.size() + separator.text.size());
    result.append(separator.markup && !text->markup ? escaped(heap, text->text) : text->text);
  }
  return heap.string(std::move(result), separator.markup);
}

template <char alignment>
Value pad(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("center", arguments, {"width", "fillchar"}, 1);
  const std::string_view fill = given.has(1) ? given.string(1).text.bytes() : " ";
  if (given.has(1) && given.string(1).length != 1) throw Failure("the fill is not one character");
  return in.heap().string(
      padded(in.heap(), self_string(self), given.integer(0, 0), alignment, fill));
}

Value zfill(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("zfill", arguments, {"width"}, 1);
  const String& text = self_string(self);
  const bool sign = text.text.bytes().starts_with('-') || text.text.bytes().starts_with('+');
  Text result = text.text.part(0, sign ? 1 : 0);
  result.append(
      filled(in.heap(), "0", given.integer(0, 0) - static_cast<std::int64_t>(text.length)));
  result.append(text.text, sign ? 1 : 0, text.text.size());
  return in.heap().string(std::move(result));
}

Value expandtabs(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("expandtabs", arguments, {"tabsize"});
  const std::int64_t size = given.integer(0, 8);
  const Text& text = self_string(self).text;
  Text result;
  std::int64_t column = 0;
  const std::string_view bytes = text.bytes();
  in.heap().work(bytes.size() / 4);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (bytes[at] == '\t') {
      const std::int64_t blanks = size > 0 ? size - column % size : 0;
      in.heap().room(result.size() + static_cast<std::uint64_t>(blanks));
      result.append(filled(in.heap(), " ", blanks));
      column += blanks;
      continue;
    }
    result.append(text, at, at + 1);
    if ((static_cast<unsigned char>(bytes[at]) & 0xC0) != 0x80) ++column;
    if (bytes[at] == '\n' || bytes[at] == '\r') column = 0;
  }
  return in.heap().string(std::move(result));
}

// Whether the string has characters, and all of them are such.
template <bool (*is_such)(char32_t)>
Value all_characters(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound none("a method of str", arguments, {});
  const std::string_view bytes = bytes_of(self);
  in.heap().work(bytes.size() / 16);
  for (std::size_t at = 0; at < bytes.size();) {
    const auto decoded = utf8::decode(bytes, at);
    if (!decoded || !is_such(decoded->code_point)) return false;
    at += decoded->bytes;
  }
  return !bytes.empty();
}

bool is_ascii(char32_t c) { return c < 0x80; }
bool is_alphanumeric(char32_t c) { return unicode::is_letter(c) || unicode::is_numeric(c); }

template <bool upper>
Value all_cased(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound none("a method of str", arguments, {});
  const std::string_view bytes = bytes_of(self);
  in.heap().work(bytes.size() / 16);
  bool any = false;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto decoded = utf8::decode(bytes, at);
    if (!decoded) return false;
    if (upper ? unicode::is_lower(decoded->code_point) : unicode::is_upper(decoded->code_point))
      return false;
    any = any || unicode::is_cased(decoded->code_point);
    at += decoded->bytes;
  }
  return any;
}

Value format_method(Interpreter& in, const Value& self, Arguments& arguments) {
  return brace_format(in, self_string(self), arguments);
}

constexpr std::array kStringMethods = {
    MethodEntry{"capitalize", change_case<Case::capital>},
    MethodEntry{"casefold", change_case<Case::folded>},
    MethodEntry{"center", pad<'|'>},
    MethodEntry{"count", count_text},
    MethodEntry{"endswith", begins<true>},
    MethodEntry{"expandtabs", expandtabs},
    MethodEntry{"find", find_text<false, false>},
    MethodEntry{"format", format_method},
    MethodEntry{"index", find_text<false, true>},
    MethodEntry{"isalnum", all_characters<is_alphanumeric>},
    MethodEntry{"isalpha", all_characters<unicode::is_letter>},
    MethodEntry{"isascii", all_characters<is_ascii>},
    MethodEntry{"isdecimal", all_characters<unicode::is_decimal>},
    MethodEntry{"isdigit", all_characters<unicode::is_digit>},
    MethodEntry{"islower", all_cased<false>},
    MethodEntry{"isnumeric", all_characters<unicode::is_numeric>},
    MethodEntry{"isspace", all_characters<is_space>},
    MethodEntry{"isupper", all_cased<true>},
    MethodEntry{"join", join},
    MethodEntry{"ljust", pad<'<'>},
    MethodEntry{"lower", change_case<Case::lower>},
    MethodEntry{"lstrip", strip<true, false>},
    MethodEntry{"partition", partition<false>},
    MethodEntry{"removeprefix", without_affix<false>},
    MethodEntry{"removesuffix", without_affix<true>},
    MethodEntry{"replace", replace},
    MethodEntry{"rfind", find_text<true, false>},
    MethodEntry{"rindex", find_text<true, true>},
    MethodEntry{"rjust", pad<'>'>},
    MethodEntry{"rpartition", partition<true>},
    MethodEntry{"rsplit", split<true>},
    MethodEntry{"rstrip", strip<false, true>},
    MethodEntry{"split", split<false>},
    MethodEntry{"splitlines", splitlines},
    MethodEntry{"startswith", begins<false>},
    MethodEntry{"strip", strip<true, true>},
    MethodEntry{"swapcase", change_case<Case::swapped>},
    MethodEntry{"title", change_case<Case::title>},
    MethodEntry{"upper", change_case<Case::upper>},
    MethodEntry{"zfill", zfill},
    MethodEntry{"encode", nullptr},
    MethodEntry{"format_map", nullptr},
    MethodEntry{"isidentifier", nullptr},
    MethodEntry{"isprintable", nullptr},
    MethodEntry{"istitle", nullptr},
    MethodEntry{"maketrans", nullptr},
    MethodEntry{"translate", nullptr}};

}  // namespace

std::span<const MethodEntry> string_methods() { return kStringMethods; }

}  // namespace unmask::jinja
