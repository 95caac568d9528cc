// Character classes and normal forms of Unicode, as the tokenizers' regular expressions mean them.
#pragma once

#include <string>
#include <string_view>

namespace unmask::unicode {

bool is_letter(char32_t code_point);  ///< \p{L}
bool is_number(char32_t code_point);  ///< \p{N}
bool is_space(char32_t code_point);   ///< \s, which is White_Space: U+0085, U+00A0 and U+3000 are,
                                      ///< U+200B, U+180E, U+FEFF and U+001C..U+001F are not
bool is_word(char32_t code_point);    ///< \w: alphabetic, marks, digits, connectors, joiners

enum class Form { nfc, nfd, nfkc, nfkd };

/// `text` (valid UTF-8) in that normal form. Linear, also where one character carries a megabyte of
/// combining marks.
std::string normalize(std::string_view text, Form form);

}  // namespace unmask::unicode
