// Damaged and unusual tokenizer.json files, and what must not happen with them.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>

#include "base/json.h"
#include "base/testing.h"
#include "text/files_in.h"
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

Json sound(const char* name = "small-bpe-gpt2") {
  const auto path = fixture("tokenizers") / name / "tokenizer.json";
  return parse_json(content_of(path), path.string());
}

std::unique_ptr<Tokenizer> load(const std::string& text) {
  const TemporaryFolder folder;
  folder.write("tokenizer.json", text);
  return load_tokenizer(files_in(folder.path()));
}

// The tokenizer after a change to the sound file.
std::unique_ptr<Tokenizer> changed(const std::function<void(Json&)>& change,
                                   const char* name = "small-bpe-gpt2") {
  Json json = sound(name);
  change(json);
  return load(json.dump());
}

::testing::AssertionResult refused(std::initializer_list<std::string_view> words,
                                   const std::function<void(Json&)>& change,
                                   const char* name = "small-bpe-gpt2") {
  return fails_with(ErrorCode::checkpoint, words, [&] { changed(change, name); });
}

TEST(TokenizerJson, RefusesFilesThatAreNotOne) {
  const std::string text = sound().dump();
  for (const std::string& damaged :
       {std::string(), text.substr(0, text.size() / 2), std::string("[]"), std::string("{}"),
        std::string("{\"model\":3}"), std::string("\xFF"), std::string(100, '[')}) {
    EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"tokenizer.json"}, [&] { load(damaged); }));
  }
}

TEST(TokenizerJson, NamesWhatItDoesNotKnow) {
  EXPECT_TRUE(refused({"'WordPiece'"}, [](Json& j) { j["model"]["type"] = "WordPiece"; }));
  EXPECT_TRUE(refused({"without a type"}, [](Json& j) { j["model"] = Json::object(); }));
  EXPECT_TRUE(refused({"normalizer", "'Lowercase'"}, [](Json& j) {
    j["normalizer"] = {{"type", "Lowercase"}};
  }));
  const Json charsmap{{"type", "Precompiled"}, {"precompiled_charsmap", "AAAA"}};
  EXPECT_TRUE(refused({"normalizer", "'Precompiled'"}, [&](Json& j) {
    j["normalizer"] = {{"type", "Sequence"}, {"normalizers", Json::array({charsmap})}};
  }));
  EXPECT_TRUE(refused({"pre_tokenizer", "'BertPreTokenizer'"},
                      [](Json& j) { j["pre_tokenizer"]["type"] = "BertPreTokenizer"; }));
  EXPECT_TRUE(
      refused({"decoder", "'WordPiece'"}, [](Json& j) { j["decoder"]["type"] = "WordPiece"; }));
  EXPECT_TRUE(refused({"decoder"}, [](Json& j) { j["decoder"] = nullptr; }));
  EXPECT_TRUE(refused({"dropout"}, [](Json& j) { j["model"]["dropout"] = 0.1; }));
  EXPECT_TRUE(
      refused({"end_of_word_suffix"}, [](Json& j) { j["model"]["end_of_word_suffix"] = "</w>"; }));
  EXPECT_TRUE(refused({"unk_token"}, [](Json& j) { j["model"]["unk_token"] = "<none>"; }));
  EXPECT_TRUE(refused({"vocab", "must be an object"}, [](Json& j) { j["model"]["vocab"] = 1; }));
}

TEST(TokenizerJson, RefusesBadPreTokenizers) {
  const auto with_split = [](const Json& split) {
    return [split](Json& j) { j["pre_tokenizer"]["pretokenizers"][0] = split; };
  };
  const auto split = [](const Json& pattern, const char* behavior) {
    return Json{{"type", "Split"}, {"pattern", pattern}, {"behavior", behavior}, {"invert", false}};
  };
  const char* const qwen2 = "small-bpe-qwen2";
  EXPECT_TRUE(
      refused({"regular expression"}, with_split(split({{"Regex", "("}}, "Isolated")), qwen2));
  EXPECT_TRUE(refused({"'Removed'"}, with_split(split({{"Regex", "a"}}, "Removed")), qwen2));
  EXPECT_TRUE(refused({"empty"}, with_split(split({{"String", ""}}, "Isolated")), qwen2));
  EXPECT_TRUE(changed(with_split(split({{"Regex", "a|b"}}, "Isolated")), qwen2) != nullptr);
}

TEST(TokenizerJson, RefusesBadIds) {
  for (const Json& id : {Json(-1), Json(1LL << 31), Json(1.5), Json("1"), Json(nullptr)}) {
    EXPECT_TRUE(refused({"vocab.!", "must be an id"}, [&](Json& j) {
      j["model"]["vocab"]["!"] = id;
    })) << id;
  }
  EXPECT_TRUE(refused({"has the id of"}, [](Json& j) { j["model"]["vocab"]["!"] = 5; }));
  std::string twice = sound().dump();
  twice.replace(twice.find("\"vocab\":{"), 9, "\"vocab\":{\"!\":7,\"!\":8,");
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"twice"}, [&] { load(twice); }));
}

TEST(TokenizerJson, AllowsGapsInIds) {
  const auto tokenizer = changed([](Json& j) { j["added_tokens"][1]["id"] = 5000; });
  EXPECT_EQ(tokenizer->vocab_size(), 5001);
  EXPECT_EQ(tokenizer->decode(Ids{39, 2000, 39}), "HH");
  EXPECT_EQ(tokenizer->token_text(2000), "");
}

TEST(TokenizerJson, RefusesBadMergesAndSaysWhich) {
  const auto with_merge = [](const Json& merge) {
    return [merge](Json& j) { j["model"]["merges"][7] = merge; };
  };
  EXPECT_TRUE(refused({"merge 7", "first part"}, with_merge({"nonsense", "a"})));
  EXPECT_TRUE(refused({"merge 7", "second part"}, with_merge({"a", "nonsense"})));
  EXPECT_TRUE(refused({"merge 7", "makes a token"}, with_merge({"z", "z"})));
  EXPECT_TRUE(refused({"merge 7", "empty part"}, with_merge({"a", ""})));
  EXPECT_TRUE(refused({"merge 7", "pair"}, with_merge({"a", "b", "c"})));
  EXPECT_TRUE(refused({"merge 7", "pair"}, with_merge(3)));
  EXPECT_TRUE(refused({"merge 7", "space"}, with_merge("a b c")));
  EXPECT_TRUE(refused({"merge 7", "space"}, with_merge("ab")));
  EXPECT_TRUE(refused({"merge 7", "twice"},
                      [](Json& j) { j["model"]["merges"][7] = j["model"]["merges"][2]; }));
}

TEST(TokenizerJson, AcceptsTokensThatNoMergeMakes) {
  const auto tokenizer = changed([](Json& j) { j["model"]["vocab"]["zzzz"] = 1500; });
  EXPECT_EQ(tokenizer->token_id("zzzz"), 1500);
  EXPECT_EQ(tokenizer->encode("zzzz").size(), 4U);
}

TEST(TokenizerJson, RefusesBadAddedTokens) {
  const auto set = [](const char* key, const Json& value) {
    return [key, value](Json& j) { j["added_tokens"][1][key] = value; };
  };
  EXPECT_TRUE(refused({"added_tokens", "empty"}, set("content", "")));
  EXPECT_TRUE(refused({"added_tokens", "id"}, set("id", -1)));
  EXPECT_TRUE(refused({"added token 5", "has the id of"}, set("id", 5)));
  EXPECT_TRUE(refused({"added token 998", "another"}, set("id", 998)));
  EXPECT_TRUE(refused({"there twice"}, set("content", "<|endoftext|>")));
  EXPECT_TRUE(refused({"in the vocabulary as 0"}, set("content", "!")));
}

TEST(TokenizerJson, TakesTheLongestOfOverlappingAddedTokens) {
  const auto tokenizer = changed([](Json& j) {
    int id = 2000;
    for (const char* content : {"<a>", "<a><b>", "<b><c>", ".*+?"}) {
      j["added_tokens"].push_back({{"id", id++}, {"content", content}, {"special", true}});
    }
  });
  const EncodeOptions special{.allow_special = true};
  EXPECT_EQ(tokenizer->encode("<a><b><c>", special).front(), 2001);
  EXPECT_EQ(tokenizer->encode("<a><a>", special), (Ids{2000, 2000}));
  EXPECT_EQ(tokenizer->encode(".*+?", special), Ids{2003});
  for (const int id : tokenizer->encode("<a><b><c>.*+?")) EXPECT_LT(id, 1000);
}

TEST(TokenizerJson, FindsSpecialTokensOnlyWhereTheyAreAllowed) {
  const auto tokenizer = load_tokenizer(files_in(fixture("tokenizers/small-bpe-llada")));
  const auto mask = tokenizer->token_id("<|mdm_mask|>").value();
  const auto count = [&](std::initializer_list<TextSpan> spans) {
    const auto ids = tokenizer->encode_spans({spans.begin(), spans.size()});
    return std::count(ids.begin(), ids.end(), mask);
  };
  EXPECT_EQ(count({{"<|mdm_mask|>", true}}), 1);
  EXPECT_EQ(count({{"<|mdm_mask|>", false}}), 0);
  EXPECT_EQ(count({{"<|mdm_", true}, {"mask|>", true}}), 1);
  EXPECT_EQ(count({{"<|mdm_", false}, {"mask|>", true}}), 0);
  EXPECT_EQ(count({{"<|mdm_", true}, {"mask|>", false}}), 0);
  EXPECT_EQ(count({{"a<|mdm_mask|>", false}, {"<|mdm_mask|>", true}, {"<|mdm_mask|>", false}}), 1);
}

TEST(TokenizerJson, MergesAcrossTheBordersOfSpans) {
  const auto tokenizer = load_tokenizer(files_in(fixture("tokenizers/small-bpe-qwen2")));
  const TextSpan spans[] = {{"user\nO", true}, {"nce upon a ti", false}, {"me", true}};
  EXPECT_EQ(tokenizer->encode_spans(spans), tokenizer->encode("user\nOnce upon a time"));
}

TEST(TokenizerJson, RefusesInvalidTextAndIds) {
  const auto tokenizer = load_tokenizer(files_in(fixture("tokenizers/small-bpe-gpt2")));
  EXPECT_TRUE(
      fails_with(ErrorCode::usage, {"UTF-8", "byte 3"}, [&] { tokenizer->encode("abc\xFF"); }));
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"-1"}, [&] { tokenizer->decode(Ids{-1}); }));
  EXPECT_EQ(tokenizer->decode(Ids{1 << 30}), "");
}

TEST(TokenizerJson, SaysSoWhenTextCannotBeExpressed) {
  const auto tokenizer = changed([](Json& j) { j["model"]["vocab"].erase("\u0143"); });
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"<0xAD>"}, [&] { tokenizer->encode("\u00AD"); }));
}

// Some value inside of `json`.
Json& random_place(Json& json, std::mt19937& random) {
  Json* at = &json;
  while (at->is_structured() && !at->empty() && random() % 8 != 0) {
    auto child = at->begin();
    std::advance(child, static_cast<std::ptrdiff_t>(random() % at->size()));
    at = &*child;
  }
  return *at;
}

// Whatever stands in the file, the answer is a tokenizer or an Error.
TEST(TokenizerJson, SurvivesDamagedFiles) {
  std::mt19937 random(8);
  const Json values[] = {nullptr,
                         "",
                         "\u2581",
                         "a",
                         "BPE",
                         "Sequence",
                         "Metaspace",
                         "ByteLevel",
                         -1,
                         0,
                         1,
                         1e9,
                         true,
                         false,
                         Json::array(),
                         Json::object(),
                         Json::array({"a", "b"})};
  const Json metaspace = sound("small-sp-bpe");
  const Json bytes = parse_json(content_of(fixture("llada/model/tokenizer.json")), "");
  const TemporaryFolder folder;
  int loaded = 0;
  for (int i = 0; i < 1500; ++i) {
    Json json = i % 4 == 0 ? metaspace : bytes;
    for (unsigned change = 0; change < 1 + random() % 3; ++change) {
      // Most values are tokens and merges, so half of the changes are to the rest.
      const char* const parts[] = {"added_tokens", "normalizer", "pre_tokenizer", "decoder"};
      Json& part = random() % 2 == 0 ? json : json[parts[random() % 4]];
      random_place(part, random) = values[random() % std::size(values)];
      if (!json.is_object()) break;
    }
    folder.write("tokenizer.json", json.dump());
    try {
      const auto tokenizer = load_tokenizer(files_in(folder.path()));
      tokenizer->decode(tokenizer->encode("a b\u2581 c\n<|eot_id|>中", {.allow_special = true}),
                        false);
      ++loaded;
    } catch (const Error&) {
    }
  }
  EXPECT_GT(loaded, 100);
}

TEST(TokenizerJson, EncodesAndDecodesBackToTheSameBytes) {
  std::mt19937 random(5);
  for (const char* name : {"small-bpe-gpt2", "small-bpe-llada", "small-bpe-llama3"}) {
    const auto tokenizer = load_tokenizer(files_in(fixture("tokenizers") / name));
    for (int i = 0; i < 1000; ++i) {
      const std::string text = testing::random_text(random, 80);
      ASSERT_EQ(tokenizer->decode(tokenizer->encode(text), false), text) << name;
    }
  }
}

std::string repeated(std::string_view unit, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += unit;
  return text;
}

// Anything quadratic takes minutes here; what is there takes a second in all.
TEST(TokenizerJson, EncodesAMegabyteOfWhateverWithoutDelay) {
  const auto start = std::chrono::steady_clock::now();
  for (const char* name : {"small-bpe-qwen2", "small-bpe-llada", "small-sp-bpe"}) {
    const auto tokenizer = load_tokenizer(files_in(fixture("tokenizers") / name));
    for (const char* unit : {"a", " ", "\n", "ab ", "'", "中", "e\u0301\u0323", "\u0301\u0323",
                             "<|im_", "abcdefghijklmnop", "0"}) {
      tokenizer->encode(repeated(unit, 1'000'000), {.allow_special = true});
    }
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

TEST(LoadTokenizer, ReadsVocabAndMergesWithTheirTokens) {
  const TemporaryFolder folder;
  const Json model = sound("small-bpe-qwen2").at("model");
  folder.write("vocab.json", model.at("vocab").dump());
  std::string merges = "#version: 0.2\r\n";
  for (const Json& merge : model.at("merges")) {
    merges += merge[0].get<std::string>() + " " + merge[1].get<std::string>() + "\r\n";
  }
  folder.write("merges.txt", merges);
  folder.write("tokenizer_config.json",
               R"({"tokenizer_class":"DreamTokenizer","eos_token":"<|im_end|>"})");
  folder.write("added_tokens.json", R"({"<|im_end|>":994,"<think>":995})");
  const auto tokenizer = load_tokenizer(files_in(folder.path()));
  const auto expected = load_tokenizer(files_in(fixture("tokenizers/small-bpe-qwen2")));
  const std::string text = "Don't WE'LL e\u0301t 123 \n\n x";
  EXPECT_EQ(tokenizer->encode(text), expected->encode(text));
  EXPECT_EQ(tokenizer->encode("<|im_end|><think>", {.allow_special = true}), (Ids{994, 995}));
  EXPECT_TRUE(tokenizer->is_special(994));
  EXPECT_FALSE(tokenizer->is_special(995));

  folder.write("tokenizer_config.json", R"({"tokenizer_class":"BertTokenizer"})");
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"'BertTokenizer'"},
                         [&] { load_tokenizer(files_in(folder.path())); }));
  folder.write("tokenizer_config.json", "{}");
  folder.write("merges.txt", merges + "x y z\n");
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"merges.txt", "'x y z'"},
                         [&] { load_tokenizer(files_in(folder.path())); }));
  folder.write("vocab.json", "[]");
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"vocab.json", "object"},
                         [&] { load_tokenizer(files_in(folder.path())); }));
}

TEST(LoadTokenizer, AddsTheTokensOfTokenizerConfig) {
  const TemporaryFolder folder;
  folder.write("tokenizer.json", sound().dump());
  folder.write("tokenizer_config.json",
               R"({"added_tokens_decoder":{"998":{"content":"<|endoftext|>","special":true},)"
               R"("1000":{"content":"<|mask|>","special":true}}})");
  const auto tokenizer = load_tokenizer(files_in(folder.path()));
  EXPECT_EQ(tokenizer->encode("<|mask|>", {.allow_special = true}), Ids{1000});
  EXPECT_EQ(tokenizer->vocab_size(), 1001);
  folder.write("tokenizer_config.json",
               R"({"added_tokens_decoder":{"5":{"content":"<|mask|>","special":true}}})");
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"added token 5", "<|mask|>"},
                         [&] { load_tokenizer(files_in(folder.path())); }));
}

TEST(LoadTokenizer, SaysWhatItLookedFor) {
  const TemporaryFolder folder;
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"no tokenizer", "tokenizer.json", "merges.txt"},
                         [&] { load_tokenizer(files_in(folder.path())); }));
}

TEST(LoadTokenizer, NeedsTheModelFileForUnigram) {
  const TemporaryFolder folder;
  const auto original = fixture("tokenizers/small-sp-unigram");
  folder.write("tokenizer.json", content_of(original / "tokenizer.json"));
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"Unigram", "tokenizer.model"},
                         [&] { load_tokenizer(files_in(folder.path())); }));
  folder.write("tokenizer.model", content_of(original / "tokenizer.model"));
  EXPECT_EQ(load_tokenizer(files_in(folder.path()))->vocab_size(), 1000);
}

TEST(LoadTokenizer, RefusesFilesLargerThanAnyTokenizer) {
  const TemporaryFolder folder;
  folder.write("tokenizer.json", "{}");
  std::filesystem::resize_file(folder / "tokenizer.json", std::uintmax_t{1} << 30);
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"1073741824", "128 MiB"},
                         [&] { load_tokenizer(files_in(folder.path())); }));
}

}  // namespace
}  // namespace unmask
