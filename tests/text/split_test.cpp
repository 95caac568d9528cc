#include "text/split.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/testing.h"
#include "base/utf8.h"
#include "text/random_text.h"

namespace unmask {
namespace {

using testing::fails_with;

std::vector<std::string> split(const Splitter& splitter, const std::string& text) {
  Pieces pieces;
  splitter.split(text, pieces);
  return {pieces.begin(), pieces.end()};
}

std::string joined(const std::vector<std::string>& pieces) {
  return std::accumulate(pieces.begin(), pieces.end(), std::string());
}

// The patterns of known models, some with a spelling that nobody has written a splitter for.
const std::vector<std::string> kPatterns{
    std::string(kGpt2Pattern),
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
    R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)",
    R"('(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)",
};

TEST(Splitter, CutsAsItsPatternSays) {
  std::mt19937 random(2);
  for (const std::string& pattern : kPatterns) {
    const auto by_hand = make_splitter(pattern);
    const auto by_pcre2 = make_regex_splitter(pattern);
    for (int i = 0; i < 3000; ++i) {
      const std::string text = testing::random_text(random, 24);
      ASSERT_EQ(split(*by_hand, text), split(*by_pcre2, text)) << pattern << "\n" << text;
    }
  }
}

TEST(Splitter, KeepsEveryByte) {
  std::mt19937 random(3);
  std::vector<std::unique_ptr<Splitter>> splitters;
  for (const std::string& pattern : kPatterns) splitters.push_back(make_splitter(pattern));
  splitters.push_back(make_regex_splitter("a|b+"));
  splitters.push_back(make_regex_splitter("x*"));  // matches nothing, everywhere
  splitters.push_back(make_literal_splitter("\u2581"));
  splitters.push_back(make_word_start_splitter("\u2581"));
  splitters.push_back(make_digit_splitter(true));
  splitters.push_back(make_digit_splitter(false));
  for (int i = 0; i < 500; ++i) {
    const std::string text = testing::random_text(random, 60);
    for (const auto& splitter : splitters) EXPECT_EQ(joined(split(*splitter, text)), text);
  }
}

using Texts = std::vector<std::string>;

TEST(Splitter, CutsLiteralsWordsAndDigits) {
  EXPECT_EQ(split(*make_literal_splitter("--"), "a----b"), (Texts{"a", "--", "--", "b"}));
  EXPECT_EQ(split(*make_word_start_splitter("_"), "a_b__c"), (Texts{"a", "_b", "_", "_c"}));
  EXPECT_EQ(split(*make_digit_splitter(true), "a12b"), (Texts{"a", "1", "2", "b"}));
  EXPECT_EQ(split(*make_digit_splitter(false), "a12b"), (Texts{"a", "12", "b"}));
}

TEST(Splitter, RunsUnknownPatterns) {
  const auto splitter = make_splitter(R"(\p{Han}+|[a-z\s]+)");
  EXPECT_EQ(split(*splitter, "ab c中文9"), (Texts{"ab c", "中文", "9"}));
}

TEST(Splitter, ReadsSpacesAsUnicodeDoes) {
  const auto splitter = make_regex_splitter(R"(\s)");
  EXPECT_EQ(split(*splitter, "a\u180Eb\u3000c"), (Texts{"a\u180Eb", "\u3000", "c"}));
}

TEST(Splitter, RefusesPatternsItCannotRunExactly) {
  for (const char* pattern :
       {"(", "[a", "a{2,1}", R"(\h)", R"([a&&b])", R"([[a]b])", R"([\S])", R"(\C)"}) {
    EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"pattern", utf8::printable(pattern)}, [&] {
      make_splitter(pattern);
    })) << pattern;
  }
  const std::string large(1 << 20, 'a');
  EXPECT_TRUE(
      fails_with(ErrorCode::checkpoint, {"1048576", "16384"}, [&] { make_splitter(large); }));
}

TEST(Splitter, StopsCatastrophicPatterns) {
  const auto splitter = make_splitter("(a|aa|a+)+$");
  const std::string text = std::string(5000, 'a') + "b";
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"limit"}, [&] { split(*splitter, text); }));
}

}  // namespace
}  // namespace unmask
