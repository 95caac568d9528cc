#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace unmask::utf8 {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// What stands at the beginning of some bytes.
struct Scan {
  enum class Kind { valid, truncated, invalid } kind;
  std::size_t bytes;  // of the code point, or of the maximal ill-formed subpart (at least 1)
  char32_t code_point = 0;
};

std::uint8_t byte_at(std::string_view text, std::size_t offset) {
  return static_cast<std::uint8_t>(text[offset]);
}

// Table 3-7 of the Unicode standard: only the byte after the lead has a range of its own.
Scan scan(std::string_view text, std::size_t offset) {
  const std::uint8_t lead = byte_at(text, offset);
  if (lead < 0x80) return {Scan::Kind::valid, 1, lead};
  if (lead < 0xC2 || lead > 0xF4) return {Scan::Kind::invalid, 1};

  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::uint8_t lowest = 0x80;
  std::uint8_t highest = 0xBF;
  if (lead == 0xE0) lowest = 0xA0;   // overlong
  if (lead == 0xED) highest = 0x9F;  // surrogates
  if (lead == 0xF0) lowest = 0x90;   // overlong
  if (lead == 0xF4) highest = 0x8F;  // above U+10FFFF

  char32_t code_point = lead & (0x7F >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (offset + i == text.size()) return {Scan::Kind::truncated, i};
    const std::uint8_t byte = byte_at(text, offset + i);
    if (byte < lowest || byte > highest) return {Scan::Kind::invalid, i};
    code_point = code_point << 6 | (byte & 0x3F);
    lowest = 0x80;
    highest = 0xBF;
  }
  return {Scan::Kind::valid, length, code_point};
}

// Most text is ASCII, and eight bytes at a time are quickly passed over.
bool eight_ascii_bytes(std::string_view text, std::size_t offset) {
  std::uint64_t word = 0;
  if (text.size() - offset < sizeof word) return false;
  std::memcpy(&word, text.data() + offset, sizeof word);
  return (word & 0x8080808080808080U) == 0;
}

// Characters that a terminal obeys or hides instead of showing: C0, DEL, C1, zero-width characters
// and marks of text direction.
bool is_unprintable(char32_t c) {
  constexpr std::array<std::pair<char32_t, char32_t>, 9> kRanges{{{0x00, 0x1F},
                                                                  {0x7F, 0x9F},
                                                                  {0xAD, 0xAD},
                                                                  {0x61C, 0x61C},
                                                                  {0x200B, 0x200F},
                                                                  {0x2028, 0x202E},
                                                                  {0x2060, 0x206F},
                                                                  {0xFEFF, 0xFEFF},
                                                                  {0xE0000, 0xE007F}}};
  return std::any_of(kRanges.begin(), kRanges.end(),
                     [c](auto range) { return c >= range.first && c <= range.second; });
}

std::string hex(std::uint32_t value, std::size_t digits) {
  std::string text;
  while (value != 0 || text.size() < digits) {
    text.insert(text.begin(), "0123456789abcdef"[value & 0xF]);
    value >>= 4;
  }
  return text;
}

std::string escape(std::uint8_t byte) { return "\\x" + hex(byte, 2); }

std::string visible(std::string_view text, std::size_t offset, const Scan& found) {
  if (found.kind != Scan::Kind::valid) return escape(byte_at(text, offset));
  const char32_t c = found.code_point;
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (c == '\r') return "\\r";
  if (!is_unprintable(c)) return std::string(text.substr(offset, found.bytes));
  return c < 0x80 ? escape(static_cast<std::uint8_t>(c)) : "\\u{" + hex(c, 1) + "}";
}

}  // namespace

std::optional<Decoded> decode(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) return std::nullopt;
  const Scan found = scan(text, offset);
  if (found.kind != Scan::Kind::valid) return std::nullopt;
  return Decoded{found.code_point, found.bytes};
}

std::optional<std::size_t> first_invalid(std::string_view text) {
  for (std::size_t offset = 0; offset < text.size();) {
    if (eight_ascii_bytes(text, offset)) {
      offset += 8;
      continue;
    }
    const Scan found = scan(text, offset);
    if (found.kind != Scan::Kind::valid) return offset;
    offset += found.bytes;
  }
  return std::nullopt;
}

void append(std::string& text, char32_t code_point) {
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (surrogate || code_point > 0x10FFFF) code_point = kReplacement;
  const auto continuation = [code_point](int shift) {
    return static_cast<char>(0x80 | (code_point >> shift & 0x3F));
  };
  if (code_point < 0x80) {
    text += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    text += static_cast<char>(0xC0 | code_point >> 6);
    text += continuation(0);
  } else if (code_point < 0x10000) {
    text += static_cast<char>(0xE0 | code_point >> 12);
    text += continuation(6);
    text += continuation(0);
  } else {
    text += static_cast<char>(0xF0 | code_point >> 18);
    text += continuation(12);
    text += continuation(6);
    text += continuation(0);
  }
}

std::string replace_invalid(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t offset = 0; offset < text.size();) {
    const Scan found = scan(text, offset);
    if (found.kind == Scan::Kind::valid) {
      result.append(text.substr(offset, found.bytes));
    } else {
      append(result, kReplacement);
    }
    offset += found.bytes;
  }
  return result;
}

std::size_t incomplete_tail(std::string_view text) {
  constexpr std::size_t kLongestPrefix = 3;
  const std::size_t longest = std::min(kLongestPrefix, text.size());
  for (std::size_t bytes = 1; bytes <= longest; ++bytes) {
    const Scan found = scan(text, text.size() - bytes);
    if (found.kind == Scan::Kind::truncated && found.bytes == bytes) return bytes;
  }
  return 0;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string result;
  for (std::size_t offset = 0; offset < text.size();) {
    const Scan found = scan(text, offset);
    const std::string shown = visible(text, offset, found);
    if (result.size() + shown.size() > limit) return result + "...";
    result += shown;
    offset += found.kind == Scan::Kind::valid ? found.bytes : 1;
  }
  return result;
}

std::string quoted(std::string_view name) {
  constexpr std::size_t kLongestName = 200;
  return "'" + printable(name, kLongestName) + "'";
}

}  // namespace unmask::utf8
