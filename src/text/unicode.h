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

// As Python's string methods take them.
bool is_printable(char32_t code_point);  ///< has a glyph or is the ASCII space
bool is_decimal(char32_t code_point);    ///< a digit to count with
bool is_digit(char32_t code_point);      ///< also superscripts and circled ones
bool is_numeric(char32_t code_point);    ///< also fractions and numerals
bool is_upper(char32_t code_point);
bool is_lower(char32_t code_point);
bool is_cased(char32_t code_point);

/// Appends what the character is in another case, which may be several: the sharp s gives SS.
void append_upper(std::string& text, char32_t code_point);
void append_lower(std::string& text, char32_t code_point);
void append_title(std::string& text, char32_t code_point);
void append_folded(std::string& text, char32_t code_point);

enum class Form { nfc, nfd, nfkc, nfkd };

/// `text` (valid UTF-8) in that normal form. Linear, also where one character carries a megabyte of
/// combining marks.
std::string normalize(std::string_view text, Form form);

}  // namespace unmask::unicode
