// GPT-2's byte alphabet: one printable character for every byte, so that a vocabulary of text can
// hold any bytes. Printable ASCII and Latin-1 stand for themselves, the rest (space, controls, ...)
// for U+0100 onwards in byte order: space is Ġ, newline Ċ.
// Source: bytes_to_unicode in the GPT-2 release (encoder.py).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace unmask {

/// The character that stands for `byte`, as UTF-8.
std::string_view byte_character(std::uint8_t byte);

/// Every byte of `bytes` as its character.
std::string to_byte_alphabet(std::string_view bytes);

/// The bytes that `text` stands for; nullopt when a character of it is not in the alphabet.
std::optional<std::string> from_byte_alphabet(std::string_view text);

}  // namespace unmask
