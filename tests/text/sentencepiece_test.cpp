// Sentencepiece models: damaged and hostile ones, and what the wrapper adds to the library.
#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "base/testing.h"
#include "text/charsmap.h"
#include "text/files_in.h"
#include "text/model_precheck.h"
#include "text/random_text.h"
#include "text/tokenizer.h"

namespace unmask {
namespace {

using testing::content_of;
using testing::fails_with;
using testing::files_in;
using testing::fixture;
using testing::TemporaryFolder;
using Ids = std::vector<int>;

std::string sound(const char* name = "small-sp-bpe") {
  return content_of(fixture("tokenizers") / name / "tokenizer.model");
}

std::unique_ptr<Tokenizer> load(const std::string& model, const std::string& config = "{}") {
  const TemporaryFolder folder;
  folder.write("tokenizer.model", model);
  folder.write("tokenizer_config.json", config);
  return load_tokenizer(files_in(folder.path()));
}

// Protocol buffers by hand.
std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes += static_cast<char>(value);
}

std::string field(int number, const std::string& bytes) {
  return varint(static_cast<std::uint64_t>(number) << 3 | 2) + varint(bytes.size()) + bytes;
}

std::string fixed32(std::uint32_t value) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

std::string piece(const std::string& text, float score = 0) {
  return field(1, field(1, text) + '\x15' + fixed32(std::bit_cast<std::uint32_t>(score)));
}

::testing::AssertionResult refused(std::initializer_list<std::string_view> words,
                                   const std::string& model) {
  return fails_with(ErrorCode::checkpoint, words,
                    [&] { precheck_sentencepiece_model(model, "tokenizer.model"); });
}

TEST(ModelPrecheck, AcceptsSoundModels) {
  for (const char* name : {"small-sp-bpe", "small-sp-unigram", "small-sp-unigram-nfkc"}) {
    EXPECT_NO_THROW(precheck_sentencepiece_model(sound(name), name));
  }
}

TEST(ModelPrecheck, RefusesWhatIsNoProtocolBuffer) {
  const std::string model = sound();
  EXPECT_TRUE(refused({"tokenizer.model", "no pieces"}, ""));
  EXPECT_TRUE(refused({"cut off"}, model.substr(0, model.size() - 1)));
  EXPECT_TRUE(refused({"cut off"}, varint(1 << 3 | 2) + varint(1'000'000) + "x"));
  EXPECT_TRUE(refused({"cut off"}, varint(1 << 3 | 2) + varint(~std::uint64_t{0}) + "x"));
  EXPECT_TRUE(refused({"cut off"}, std::string(12, '\xFF')));
  EXPECT_TRUE(refused({"tokenizer.model"}, "IQ== 0\nIg== 1\n"));  // Llama 3's file of the same name
  EXPECT_TRUE(refused({"wrong wire type", "part"}, varint(1 << 3) + varint(7)));
  EXPECT_TRUE(refused({"wrong wire type", "text"}, field(1, varint(1 << 3) + varint(7))));
  EXPECT_TRUE(refused({"wrong wire type", "score"}, field(1, field(1, "a") + field(2, "x"))));
}

TEST(ModelPrecheck, RefusesBadPieces) {
  EXPECT_TRUE(
      refused({"number 1", "200000 bytes", "4096"}, piece("a") + piece(std::string(200'000, 'x'))));
  EXPECT_TRUE(refused({"number 0", "without text"}, piece("")));
  EXPECT_TRUE(refused({"NUL"}, piece(std::string("a\0b", 3))));
  EXPECT_TRUE(refused({"UTF-8"}, piece("\xC0\x80")));
  EXPECT_TRUE(refused({"there before", "'a'"}, piece("a") + piece("a")));
  EXPECT_TRUE(refused({"score"}, piece("a", std::numeric_limits<float>::quiet_NaN())));
  EXPECT_TRUE(refused({"score"}, piece("a", std::numeric_limits<float>::infinity())));
  std::string many;
  for (int i = 0; i < 2'000'001; ++i) many += std::string_view("\n\0", 2);
  EXPECT_TRUE(refused({"2000001 pieces"}, many));
}

// A trie of `units`, then strings.
std::string charsmap(const std::vector<std::uint32_t>& units, const std::string& strings) {
  std::string bytes = fixed32(static_cast<std::uint32_t>(units.size() * 4));
  for (const std::uint32_t unit : units) bytes += fixed32(unit);
  return bytes + strings;
}

TEST(Charsmap, MustNotPointOutsideOfItself) {
  const std::string strings("x\0", 2);
  std::vector<std::uint32_t> units(256, 0);
  EXPECT_FALSE(charsmap_problem(charsmap(units, strings)));
  EXPECT_TRUE(charsmap_problem(charsmap(units, "x")));     // a string without end
  EXPECT_TRUE(charsmap_problem(charsmap(units, "")));      // no strings
  EXPECT_TRUE(charsmap_problem("\x04"));                   // no size
  EXPECT_TRUE(charsmap_problem(fixed32(1000) + "xx"));     // a size past the end
  EXPECT_TRUE(charsmap_problem(fixed32(6) + "12345678"));  // not whole units
  units[0] = 1U << 20 << 10;                               // a root whose children are far away
  EXPECT_TRUE(charsmap_problem(charsmap(units, strings)));
  units[0] = 1U << 10 | 0x100;   // a value in unit 1 ...
  units[1] = 0x80000000U | 500;  // ... that points past the strings
  EXPECT_TRUE(charsmap_problem(charsmap(units, strings)));
  units[1] = 0x80000000U | 1;
  EXPECT_FALSE(charsmap_problem(charsmap(units, strings)));
  EXPECT_TRUE(charsmap_problem(charsmap({0}, strings)));  // children outside of a tiny trie
}

TEST(Charsmap, OfARealModelIsSound) {
  const std::string model = sound("small-sp-unigram-nfkc");
  std::string damaged = model;
  damaged[damaged.size() / 2] ^= '\x40';  // somewhere in the 230 KB of its trie
  EXPECT_NO_THROW(precheck_sentencepiece_model(model, "tokenizer.model"));
  try {
    precheck_sentencepiece_model(damaged, "tokenizer.model");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::checkpoint);
  }
}

// Whatever bytes are in the file, the answer is a tokenizer or an Error.
TEST(SentencePiece, SurvivesDamagedModels) {
  std::mt19937 random(6);
  const std::string originals[] = {sound("small-sp-bpe"), sound("small-sp-unigram")};
  const TemporaryFolder folder;
  int loaded = 0;
  for (std::size_t i = 0; i < 2000; ++i) {
    std::string model = originals[i % 2];
    if (random() % 4 == 0) model.resize(1 + random() % model.size());
    // Half of the changes near the end, where the settings are.
    for (unsigned change = 0; change < 1 + random() % 4; ++change) {
      const std::size_t reach =
          random() % 2 == 0 ? model.size() : std::min<std::size_t>(400, model.size());
      model[model.size() - 1 - random() % reach] = static_cast<char>(random());
    }
    folder.write("tokenizer.model", model);
    try {
      const auto tokenizer = load_tokenizer(files_in(folder.path()));
      tokenizer->decode(tokenizer->encode("Once upon a time, 中文 😀 \u2581<mask>"), false);
      ++loaded;
    } catch (const Error&) {
    }
  }
  EXPECT_GT(loaded, 100);
}

TEST(SentencePiece, FindsControlPiecesOnlyWhereTheyAreAllowed) {
  const auto tokenizer = load(sound());
  EXPECT_EQ(tokenizer->encode("</s>").size(), tokenizer->encode("</s>", {}).size());
  const Ids plain = tokenizer->encode("</s>");
  EXPECT_EQ(std::count(plain.begin(), plain.end(), 2), 0);
  Ids expected = tokenizer->encode("a");
  expected.push_back(2);
  const Ids again = tokenizer->encode("b");
  expected.insert(expected.end(), again.begin(), again.end());
  EXPECT_EQ(tokenizer->encode("a</s>b", {.allow_special = true}), expected);
  EXPECT_TRUE(tokenizer->is_special(2));
  EXPECT_EQ(tokenizer->token_id("</s>"), 2);
  EXPECT_EQ(tokenizer->token_id("no such piece"), std::nullopt);
}

TEST(SentencePiece, TakesAddedTokensBehindTheModel) {
  const std::string config =
      R"({"added_tokens_decoder":{"2":{"content":"</s>","special":true},)"
      R"("1000":{"content":"<|mask|>","special":true},"1003":{"content":"<note>","special":false}}})";
  const auto tokenizer = load(sound(), config);
  EXPECT_EQ(tokenizer->vocab_size(), 1004);
  EXPECT_EQ(tokenizer->token_id("<|mask|>"), 1000);
  EXPECT_EQ(tokenizer->encode("<|mask|>", {.allow_special = true}), Ids{1000});
  EXPECT_EQ(tokenizer->encode("<note>"), Ids{1003});
  Ids ids = tokenizer->encode("a");
  ids.push_back(1000);
  ids.push_back(1002);  // a gap
  ids.push_back(1003);
  EXPECT_EQ(tokenizer->decode(ids), "a<note>");
  EXPECT_EQ(tokenizer->decode(ids, false), "a<|mask|><note>");
}

TEST(SentencePiece, RefusesAddedTokensOfAnotherVocabulary) {
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"added token 0", "'<s>'", "'<unk>'"}, [] {
    load(sound(), R"({"added_tokens_decoder":{"0":{"content":"<s>","special":true}}})");
  }));
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"added token 1000", "</s>"}, [] {
    load(sound(), R"({"added_tokens_decoder":{"1000":{"content":"</s>","special":true}}})");
  }));
}

TEST(SentencePiece, DecodesBackToTheSameTextWhereTheModelCan) {
  std::mt19937 random(7);
  const auto tokenizer = load(sound());  // identity normaliser, with a token for every byte
  for (int i = 0; i < 500; ++i) {
    std::string text = testing::random_text(random, 60);
    // The library's own sign for a space, and NUL, do not come back.
    std::erase(text, '\0');
    if (text.find("\u2581") != std::string::npos) continue;
    ASSERT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
  }
}

}  // namespace
}  // namespace unmask
