#include "text/unicode.h"

#include <gtest/gtest.h>
#include <utf8proc.h>

#include <cstdlib>

#include "text/byte_alphabet.h"
#include "text/random_text.h"

namespace unmask {
namespace {

TEST(Unicode, CountsAsSpaceWhatTheTokenizersCount) {
  for (const char32_t c : {0x9, 0xA, 0xB, 0xC, 0xD, 0x20, 0x85, 0xA0, 0x1680, 0x2000, 0x200A,
                           0x2028, 0x2029, 0x202F, 0x205F, 0x3000}) {
    EXPECT_TRUE(unicode::is_space(c)) << std::hex << static_cast<int>(c);
  }
  for (const char32_t c : {0x8, 0xE, 0x1C, 0x1F, 0x180E, 0x200B, 0x2060, 0xFEFF}) {
    EXPECT_FALSE(unicode::is_space(c)) << std::hex << static_cast<int>(c);
  }
}

TEST(Unicode, TellsLettersNumbersAndWords) {
  EXPECT_TRUE(unicode::is_letter(U'z') && unicode::is_letter(U'é') && unicode::is_letter(U'中'));
  EXPECT_FALSE(unicode::is_letter(U'1') || unicode::is_letter(0x301) || unicode::is_letter(U'@'));
  EXPECT_TRUE(unicode::is_number(U'7') && unicode::is_number(U'½') && unicode::is_number(U'Ⅷ'));
  EXPECT_TRUE(unicode::is_word(U'_') && unicode::is_word(0x301) && unicode::is_word(0x24B6));
  EXPECT_FALSE(unicode::is_word(U'½') || unicode::is_word(U'-') || unicode::is_word(U' '));
}

std::string normalized_by_utf8proc(const std::string& text, int options) {
  utf8proc_uint8_t* result = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &result,
                                 static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE));
  std::string copy(reinterpret_cast<const char*>(result), static_cast<std::size_t>(size));
  std::free(result);
  return copy;
}

TEST(Unicode, NormalisesAsUtf8procDoes) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    const std::string text = testing::random_text(random, 40);
    EXPECT_EQ(unicode::normalize(text, unicode::Form::nfc),
              normalized_by_utf8proc(text, UTF8PROC_COMPOSE));
    EXPECT_EQ(unicode::normalize(text, unicode::Form::nfkd),
              normalized_by_utf8proc(text, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT));
  }
}

TEST(Unicode, NormalisesAMegabyteOfMarksOnOneLetter) {
  std::string text = "a";
  for (int i = 0; i < 250'000; ++i) text += "\u0301\u0323";  // in the wrong order, each time
  const std::string composed = unicode::normalize(text, unicode::Form::nfc);
  EXPECT_TRUE(composed.starts_with("\u1EA1\u0323\u0323"));
}

TEST(ByteAlphabet, HasACharacterForEveryByte) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  EXPECT_EQ(from_byte_alphabet(to_byte_alphabet(bytes)), bytes);
  EXPECT_EQ(to_byte_alphabet(" a\n\xE4"), "ĠaĊä");
  EXPECT_EQ(from_byte_alphabet("a b"), std::nullopt);
  EXPECT_EQ(from_byte_alphabet("中"), std::nullopt);
}

std::string in_case(void (*append)(std::string&, char32_t), std::u32string_view text) {
  std::string result;
  for (const char32_t c : text) append(result, c);
  return result;
}

TEST(Unicode, MapsCaseAlsoToSeveralCharacters) {
  EXPECT_EQ(in_case(unicode::append_upper, U"straße ŉ ﬃ é"), "STRASSE ʼN FFI É");
  EXPECT_EQ(in_case(unicode::append_title, U"ß ﬁ ǆ"), "Ss Fi ǅ");
  EXPECT_EQ(in_case(unicode::append_lower, U"ÀİΣ"), "ài̇σ");
  EXPECT_EQ(in_case(unicode::append_folded, U"ẞßΣς"), "ssssσσ");
}

TEST(Unicode, KnowsWhatPythonPrintsAndCounts) {
  for (const char32_t c : {U' ', U'a', U'é', U'🙂', U'\u0301'})
    EXPECT_TRUE(unicode::is_printable(c));
  for (const char32_t c : {U'\n', U'\u00A0', U'\u200B', U'\u2028', U'\uE000', U'\U0010FFFF'}) {
    EXPECT_FALSE(unicode::is_printable(c)) << static_cast<std::uint32_t>(c);
  }
  EXPECT_TRUE(unicode::is_decimal(U'٣'));
  EXPECT_TRUE(unicode::is_digit(U'²'));
  EXPECT_FALSE(unicode::is_decimal(U'²'));
  EXPECT_TRUE(unicode::is_numeric(U'½'));
  EXPECT_FALSE(unicode::is_digit(U'½'));
}

}  // namespace
}  // namespace unmask
