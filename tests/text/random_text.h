// Reproducible random texts that are hard on tokenizers.
#pragma once

#include <random>
#include <string>

#include "base/utf8.h"

namespace unmask::testing {

/// Up to `most` characters: ASCII, contractions, spaces of all kinds, letters, digits and marks of
/// many scripts, and any other character of the basic plane now and then (beyond it, libraries of
/// different age differ in what they know).
inline std::string random_text(std::mt19937& random, std::size_t most) {
  static constexpr char32_t kCharacters[] = {
      ' ',     ' ',     ' ',    '\n',   '\r',   '\t',    '\'',    '\'',    's',    't',    'r',
      'e',     'v',     'm',    'l',    'd',    'S',     'L',     'a',     'b',    'Z',    '0',
      '1',     '9',     '.',    ',',    '!',    '_',     '-',     '<',     '|',    '>',    '\0',
      0x7F,    0x1C,    0x85,   0xA0,   0x17F,  0xE9,    0x301,   0x323,   0x338,  0x640,  0x661,
      0x915,   0x93F,   0x180E, 0x200B, 0x200D, 0x2028,  0x3000,  0x4E2D,  0xAC00, 0xFEFF, 0xFFFD,
      0x1F600, 0x1F3FD, 0x2160, 0xBD,   0x2581, 0x1D15E, 0x1D400, 0x20000, 0xFB01};
  std::string text;
  for (std::size_t left = random() % (most + 1); left > 0; --left) {
    char32_t c = kCharacters[random() % std::size(kCharacters)];
    if (random() % 16 == 0) c = static_cast<char32_t>(random() % 0x10000);
    utf8::append(text, c);  // surrogates become U+FFFD
  }
  return text;
}

}  // namespace unmask::testing
