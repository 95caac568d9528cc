// UTF-8 as the Unicode standard defines it: no overlong forms, no surrogates, at most U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace unmask::utf8 {

/// One decoded code point and how many bytes it took.
struct Decoded {
  char32_t code_point;
  std::size_t bytes;
};

/// Decodes the code point at `offset`; nullopt where the bytes there are not valid UTF-8.
std::optional<Decoded> decode(std::string_view text, std::size_t offset);

/// Offset of the first byte that is not part of valid UTF-8, or nullopt when all is well.
std::optional<std::size_t> first_invalid(std::string_view text);

/// Appends `code_point`, or U+FFFD where it is a surrogate or beyond U+10FFFF.
void append(std::string& text, char32_t code_point);

/// Replaces each maximal ill-formed subpart by U+FFFD (the WHATWG rule).
std::string replace_invalid(std::string_view text);

/// How many bytes at the end of `text` are the beginning of a code point that is still incomplete.
std::size_t incomplete_tail(std::string_view text);

/// `text` for a message: control characters and invalid bytes as \n, \t, \xNN or \u{...}, cut after
/// `limit` bytes with "...".
std::string printable(std::string_view text, std::size_t limit = 80);

/// A name from a file for a message: printable, in single quotes, cut after 200 bytes.
std::string quoted(std::string_view name);

}  // namespace unmask::utf8
