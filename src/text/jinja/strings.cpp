#include "text/jinja/strings.h"

#include <cstring>

#include "base/utf8.h"
#include "text/jinja/operators.h"
#include "text/jinja/python_text.h"
#include "text/unicode.h"

namespace unmask::jinja {

std::size_t find_bytes(Heap& heap, std::string_view text, std::string_view needle,
                       std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  const void* const found = needle.empty() ? text.data() + from
                                           : ::memmem(text.data() + from, text.size() - from,
                                                      needle.data(), needle.size());
  const std::size_t at =
      found == nullptr ? std::string_view::npos
                       : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
  heap.work((std::min(at, text.size()) - from + needle.size()) / 64);
  return at;
}

std::size_t rfind_bytes(Heap& heap, std::string_view text, std::string_view needle) {
  heap.work(text.size() / 64 * (1 + needle.size() / 16));
  return text.rfind(needle);
}

std::size_t byte_of(const String& string, std::size_t code_point) {
  const std::string_view bytes = string.text.bytes();
  if (string.length == bytes.size()) return std::min(code_point, bytes.size());
  std::size_t at = 0;
  for (; at < bytes.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(bytes[at]) & 0xC0) != 0x80;
    if (begins && code_point-- == 0) break;
  }
  return at;
}

Text stripped(Heap& heap, const Text& text, const String* set, bool left, bool right) {
  const std::string_view bytes = text.bytes();
  heap.work(bytes.size() / 64);
  if (set == nullptr) {
    const std::size_t end = right ? end_without_spaces(bytes) : bytes.size();
    return text.part(left ? leading_spaces(bytes.substr(0, end)) : 0, end);
  }
  const std::string_view characters = set->text.bytes();
  const auto belongs = [&](std::string_view character) {
    heap.work(1 + characters.size() / 64);
    return characters.find(character) != std::string_view::npos;  // UTF-8 begins nowhere else
  };
  std::size_t from = 0, to = bytes.size();
  while (left && from < to) {
    const auto decoded = utf8::decode(bytes, from);
    const std::size_t size = decoded ? decoded->bytes : 1;
    if (!belongs(bytes.substr(from, size))) break;
    from += size;
  }
  while (right && to > from) {
    std::size_t start = to - 1;
    while (start > from && (static_cast<unsigned char>(bytes[start]) & 0xC0) == 0x80) --start;
    if (!belongs(bytes.substr(start, to - start))) break;
    to = start;
  }
  return text.part(from, to);
}

Text replaced(Heap& heap, const Text& text, std::string_view old, const Text& with,
              std::int64_t limit) {
  Text result;
  const std::string_view bytes = text.bytes();
  std::size_t at = 0;
  const auto put = [&] {
    heap.room(result.size() + with.size());
    heap.work(1 + with.size() / 64);
    result.append(with);
  };
  while (limit != 0) {
    if (old.empty()) {  // stands before every character, and at the end
      put();
      if (at == bytes.size()) break;
      const auto decoded = utf8::decode(bytes, at);
      const std::size_t next = at + (decoded ? decoded->bytes : 1);
      result.append(text, at, next);
      at = next;
    } else {
      const std::size_t found = find_bytes(heap, bytes, old, at);
      if (found == std::string_view::npos) break;
      result.append(text, at, found);
      put();
      at = found + old.size();
    }
    --limit;
  }
  heap.room(result.size() + bytes.size() - at);
  result.append(text, at, bytes.size());
  return result;
}

namespace {

// The bytes of the line end at `at`; 0 where there is none.
std::size_t line_end(std::string_view bytes, std::size_t at) {
  const unsigned char c = static_cast<unsigned char>(bytes[at]);
  if (c == '\r') return at + 1 < bytes.size() && bytes[at + 1] == '\n' ? 2 : 1;
  if ((c >= 0x0A && c <= 0x0C) || (c >= 0x1C && c <= 0x1E)) return 1;
  if (c != 0xC2 && c != 0xE2) return 0;
  const auto decoded = utf8::decode(bytes, at);
  const bool breaks = decoded && (decoded->code_point == 0x85 || decoded->code_point == 0x2028 ||
                                  decoded->code_point == 0x2029);
  return breaks ? decoded->bytes : 0;
}

}  // namespace

Values lines_of(Heap& heap, const Text& text, bool keep_ends) {
  Values lines;
  const std::string_view bytes = text.bytes();
  std::size_t start = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = line_end(bytes, at);
    if (end == 0) {
      ++at;
      continue;
    }
    lines.push_back(heap.string(text.part(start, keep_ends ? at + end : at)));
    start = at += end;
    heap.work();
  }
  heap.work(bytes.size() / 64);
  if (start < bytes.size()) lines.push_back(heap.string(text.part(start, bytes.size())));
  return lines;
}

namespace {

// Whether a capital sigma at `at` ends a word: a cased letter before, none after it.
bool ends_word(std::string_view bytes, std::size_t at, bool after_letter) {
  if (!after_letter) return false;
  const auto next = utf8::decode(bytes, at);
  return !next || !unicode::is_cased(next->code_point);
}

void append_case(Case to, char32_t c, bool after_letter, bool is_final, std::string& into) {
  switch (to) {
    case Case::upper:
      return unicode::append_upper(into, c);
    case Case::folded:
      return unicode::append_folded(into, c);
    case Case::swapped:
      if (unicode::is_upper(c)) break;
      return unicode::append_upper(into, c);
    case Case::title:
    case Case::capital:
      if (!after_letter) return unicode::append_title(into, c);
      break;
    case Case::lower:
      break;
  }
  if (is_final && c == 0x3A3) return utf8::append(into, 0x3C2);
  unicode::append_lower(into, c);
}

}  // namespace

Text with_case(Heap& heap, const Text& text, Case to) {
  const std::string_view bytes = text.bytes();
  heap.work(bytes.size() / 16);
  heap.room(bytes.size() * 3);
  Text result;
  bool after_letter = false;  // for titles: within a word; for capitals: not at the beginning
  bool after_cased = false;
  text.each_run(0, text.size(), [&](std::size_t from, std::size_t run_end, bool own) {
    std::string part;
    while (from < run_end) {
      const auto decoded = utf8::decode(bytes, from);
      const char32_t c = decoded ? decoded->code_point : 0xFFFD;
      from += decoded ? decoded->bytes : 1;
      append_case(to, c, after_letter, c == 0x3A3 && ends_word(bytes, from, after_cased), part);
      after_cased = unicode::is_cased(c);
      after_letter = to == Case::capital || after_cased;
    }
    result.append(part, own);
  });
  return result;
}

Text filled(Heap& heap, std::string_view fill, std::int64_t count) {
  if (count <= 0) return {};
  const auto total = static_cast<unsigned __int128>(count) * fill.size();
  heap.room(total > UINT64_MAX ? UINT64_MAX : static_cast<std::uint64_t>(total));
  heap.work(static_cast<std::uint64_t>(count) / 64);
  std::string bytes;
  for (std::int64_t i = 0; i < count; ++i) bytes += fill;
  return {std::move(bytes), true};
}

Text padded(Heap& heap, const String& string, std::int64_t width, char alignment,
            std::string_view fill) {
  const auto length = static_cast<std::int64_t>(string.length);
  if (width <= length) return string.text;
  const std::int64_t blanks = width - length;
  std::int64_t before = 0;
  if (alignment == '>') before = blanks;
  if (alignment == '^') before = blanks / 2;
  if (alignment == '|') before = blanks / 2 + (blanks & width & 1);  // as str.center() does
  Text result = filled(heap, fill, before);
  result.append(string.text);
  result.append(filled(heap, fill, blanks - before));
  return result;
}

}  // namespace unmask::jinja
