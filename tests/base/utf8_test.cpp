#include "base/utf8.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "base/testing.h"

namespace unmask {
namespace {

using std::string_literals::operator""s;

bool is_scalar_value(char32_t c) { return c < 0xD800 || (c > 0xDFFF && c <= 0x10FFFF); }

TEST(Utf8, DecodesWhatAppendWroteForEveryCodePoint) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (!is_scalar_value(c)) continue;
    std::string text;
    utf8::append(text, c);
    const auto decoded = utf8::decode(text, 0);
    ASSERT_TRUE(decoded.has_value()) << static_cast<std::uint32_t>(c);
    ASSERT_EQ(decoded->code_point, c);
    ASSERT_EQ(decoded->bytes, text.size());
  }
}

TEST(Utf8, AppendReplacesWhatIsNoCharacter) {
  std::string text;
  utf8::append(text, 0xD800);
  utf8::append(text, 0x110000);
  EXPECT_EQ(text, "\uFFFD\uFFFD");
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndTooLargeCodePoints) {
  for (const char* bad :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\x80", "\xE2\x82", "\xC3"}) {
    EXPECT_FALSE(utf8::decode(bad, 0).has_value()) << utf8::printable(bad);
  }
  EXPECT_FALSE(utf8::decode("", 0).has_value());
}

TEST(Utf8, NamesTheFirstInvalidByte) {
  EXPECT_EQ(utf8::first_invalid(""), std::nullopt);
  EXPECT_EQ(utf8::first_invalid("plain ASCII, longer than a word; \u20AC \U0001F600"),
            std::nullopt);
  // At every offset, so that passing over eight bytes at a time is tried at every phase.
  for (std::size_t offset = 0; offset < 40; ++offset) {
    EXPECT_EQ(utf8::first_invalid(std::string(offset, 'a') + "\xFF" + std::string(20, 'b')),
              offset);
    EXPECT_EQ(utf8::first_invalid(std::string(offset, 'a') + "\xE2\x82"), offset);
  }
}

// Expectations of another implementation, one for each kind of damage and for random bytes.
TEST(Utf8, ReplacesInvalidBytesAsTheGoldensSay) {
  const auto cases = nlohmann::json::parse(
      testing::content_of(testing::fixture("tokenizers/utf8_invalid.golden.json")));
  ASSERT_GT(cases.size(), 30U);
  for (const auto& item : cases) {
    const std::string hex = item.at("hex");
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
      bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    EXPECT_EQ(utf8::replace_invalid(bytes), item.at("text").get<std::string>()) << hex;
  }
}

TEST(Utf8, ReplacingLeavesValidTextOfRandomBytes) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 24, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const std::string text = utf8::replace_invalid(bytes);
    ASSERT_EQ(utf8::first_invalid(text), std::nullopt);
    const bool was_valid = !utf8::first_invalid(bytes);
    ASSERT_EQ(text == bytes, was_valid);
  }
}

TEST(Utf8, FindsTheBeginningOfACodePointAtTheEnd) {
  const std::string euro = "\xE2\x82\xAC";
  const std::string face = "\xF0\x9F\x98\x80";
  EXPECT_EQ(utf8::incomplete_tail(""), 0U);
  EXPECT_EQ(utf8::incomplete_tail("abc"), 0U);
  EXPECT_EQ(utf8::incomplete_tail("a" + euro), 0U);
  EXPECT_EQ(utf8::incomplete_tail("a" + face), 0U);
  for (std::size_t bytes = 1; bytes < euro.size(); ++bytes) {
    EXPECT_EQ(utf8::incomplete_tail("a" + euro.substr(0, bytes)), bytes);
  }
  for (std::size_t bytes = 1; bytes < face.size(); ++bytes) {
    EXPECT_EQ(utf8::incomplete_tail(face.substr(0, bytes)), bytes);
  }
  // Never to be completed: a lone continuation byte, a lead that does not exist, a bad second byte.
  EXPECT_EQ(utf8::incomplete_tail("a\x80"), 0U);
  EXPECT_EQ(utf8::incomplete_tail("a\xFF"), 0U);
  EXPECT_EQ(utf8::incomplete_tail("a\xED\xA0"), 0U);
}

TEST(Utf8, PrintableShowsWhatATerminalWouldObey) {
  EXPECT_EQ(utf8::printable("plain \u00E9\u4F60"), "plain \u00E9\u4F60");
  EXPECT_EQ(utf8::printable("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(utf8::printable("\x1B[31m"), "\\x1b[31m");
  EXPECT_EQ(utf8::printable("a\0b\x7F"s), "a\\x00b\\x7f");
  EXPECT_EQ(utf8::printable("\xFF\xE2\x82"), "\\xff\\xe2\\x82");
  EXPECT_EQ(utf8::printable("\u009B\u200F\u202E\uFEFF"), "\\u{9b}\\u{200f}\\u{202e}\\u{feff}");
}

TEST(Utf8, PrintableIsCutBetweenCharacters) {
  EXPECT_EQ(utf8::printable("abcdef", 6), "abcdef");
  EXPECT_EQ(utf8::printable("abcdefg", 6), "abcdef...");
  EXPECT_EQ(utf8::printable("abcd\u20ACg", 6), "abcd...");
  EXPECT_EQ(utf8::printable("abcde\x1B", 6), "abcde...");
}

TEST(Utf8, QuotedIsPrintable) { EXPECT_EQ(utf8::quoted("a\x1B"), "'a\\x1b'"); }

}  // namespace
}  // namespace unmask
