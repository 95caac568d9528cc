// Every tokenizer against what the tokenizers and sentencepiece libraries gave for the same files.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/testing.h"
#include "base/utf8.h"
#include "text/files_in.h"
#include "text/sha256.h"
#include "text/tokenizer.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;
using testing::content_of;
using testing::files_in;
using testing::TemporaryFolder;

struct Case {
  const char* name;      // of the test
  const char* golden;    // NAME of NAME.golden.json
  const char* original;  // folder with the files
  std::vector<const char*> files;
  bool shared;  // real vocabularies lie outside of the repository
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

fs::path golden_folder(bool shared) {
  return shared ? fs::path(UNMASK_SHARED) / "fixtures/tokenizers" : testing::fixture("tokenizers");
}

fs::path tokenizer_folder(bool shared) {
  return shared ? fs::path(UNMASK_SHARED) / "tokenizers" : testing::fixture("tokenizers");
}

// The names under which load_tokenizer looks for the files.
std::string loaded_name(const std::string& file) {
  if (file == "tokenizer.legacy.json") return "tokenizer.json";
  return file.ends_with(".model") && file != "spiece.model" ? "tokenizer.model" : file;
}

std::vector<int> ids_of(const Json& array) { return array.get<std::vector<int>>(); }

std::string repeated(const Json& entry) {
  const auto unit = entry.at("unit").get<std::string>();
  std::string text;
  for (int i = 0; i < entry.at("count").get<int>(); ++i) text += unit;
  return text;
}

std::string little_endian(const std::vector<int>& ids) {
  std::string bytes;
  for (const int id : ids) {
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(id >> shift);
  }
  return bytes;
}

class TokenizerGolden : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const Case& c = GetParam();
    if (c.shared && !fs::exists(golden_folder(true))) {
      GTEST_SKIP() << "the real vocabularies are not here: " << golden_folder(true);
    }
    for (const char* file : c.files) {
      fs::copy_file(tokenizer_folder(c.shared) / c.original / file, folder_ / loaded_name(file));
    }
    tokenizer_ = load_tokenizer(files_in(folder_.path()));
    const auto path = golden_folder(c.shared) / (std::string(c.golden) + ".golden.json");
    golden_ = parse_json(content_of(path), path.string());
    hugging_face_ = golden_.at("kind") == "hf-tokenizers";
  }

  // The goldens hold text, so bytes that form none were replaced.
  std::string decode(const std::vector<int>& ids, bool skip_special = false) const {
    return utf8::replace_invalid(tokenizer_->decode(ids, skip_special));
  }

  std::vector<int> with_post_processor(std::vector<int> ids) const {
    const auto prefix = tokenizer_->prefix_ids();
    const auto suffix = tokenizer_->suffix_ids();
    ids.insert(ids.begin(), prefix.begin(), prefix.end());
    ids.insert(ids.end(), suffix.begin(), suffix.end());
    return ids;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Tokenizer> tokenizer_;
  Json golden_;
  bool hugging_face_ = false;
};

TEST_P(TokenizerGolden, EncodesEveryText) {
  const auto& cases = golden_.at("cases");
  ASSERT_EQ(cases.size(), 327U);
  for (const Json& c : cases) {
    SCOPED_TRACE(c.at("cat").get<std::string>() + ": " + c.dump());
    const auto text = c.at("text").get<std::string>();
    const auto ids = ids_of(c.at("ids"));
    EXPECT_EQ(tokenizer_->encode(text, {.allow_special = hugging_face_}), ids);
    if (!hugging_face_) continue;
    EXPECT_EQ(tokenizer_->encode(text), c.contains("ids_plain") ? ids_of(c.at("ids_plain")) : ids);
    EXPECT_EQ(with_post_processor(ids),
              c.contains("ids_special") ? ids_of(c.at("ids_special")) : ids);
  }
}

TEST_P(TokenizerGolden, DecodesEveryText) {
  for (const Json& c : golden_.at("cases")) {
    SCOPED_TRACE(c.dump());
    const auto ids = ids_of(c.at("ids"));
    const Json& kept = c.at("decode");
    EXPECT_EQ(decode(ids), kept.get<std::string>());
    EXPECT_EQ(decode(ids, true), c.value("decode_skip", kept.get<std::string>()));
    if (c.contains("decode_special")) {
      EXPECT_EQ(decode(with_post_processor(ids)), c.at("decode_special").get<std::string>());
    }
    if (c.contains("decode_special_skip")) {
      EXPECT_EQ(decode(with_post_processor(ids), true),
                c.at("decode_special_skip").get<std::string>());
    }
  }
}

TEST_P(TokenizerGolden, EncodesAndDecodesLongTexts) {
  for (const Json& entry : golden_.at("long")) {
    SCOPED_TRACE(entry.at("unit").get<std::string>());
    const auto ids = tokenizer_->encode(repeated(entry));
    EXPECT_EQ(ids.size(), entry.at("n_ids").get<std::size_t>());
    EXPECT_EQ(testing::Sha256::hex(little_endian(ids)), entry.at("ids_sha256_le32"));
    EXPECT_EQ(testing::Sha256::hex(decode(ids)), entry.at("decode_sha256"));
  }
}

TEST_P(TokenizerGolden, DecodesPartsOfTextsAndLooseBytes) {
  for (const Json& entry : golden_.at("decode_partial")) {
    SCOPED_TRACE(entry.dump());
    EXPECT_EQ(decode(ids_of(entry.at("ids"))), entry.at("text").get<std::string>());
  }
}

TEST_P(TokenizerGolden, KnowsSingleTokens) {
  EXPECT_EQ(tokenizer_->vocab_size(), golden_.at("vocab_size"));
  for (const Json& entry : golden_.at("single")) {
    SCOPED_TRACE(entry.dump());
    const int id = entry.at("id");
    const auto token = entry.at("token").get<std::string>();
    EXPECT_EQ(tokenizer_->token_text(id), token);
    EXPECT_EQ(tokenizer_->token_id(token), id);
    EXPECT_EQ(decode({id}), entry.at("text").get<std::string>());
  }
}

const Case kCases[] = {
    {"SmallGpt2", "small-bpe-gpt2", "small-bpe-gpt2", {"tokenizer.json"}, false},
    {"SmallGpt2OldMerges", "small-bpe-gpt2", "small-bpe-gpt2", {"tokenizer.legacy.json"}, false},
    {"SmallGpt2Prefix",
     "small-bpe-gpt2-prefix",
     "small-bpe-gpt2-prefix",
     {"tokenizer.json"},
     false},
    {"SmallLlada", "small-bpe-llada", "small-bpe-llada", {"tokenizer.json"}, false},
    {"SmallLlama3", "small-bpe-llama3", "small-bpe-llama3", {"tokenizer.json"}, false},
    {"SmallQwen2", "small-bpe-qwen2", "small-bpe-qwen2", {"tokenizer.json"}, false},
    {"SmallMetaspace", "small-sp-bpe.hf", "small-sp-bpe", {"tokenizer.json"}, false},
    {"SmallSentencePieceBpe", "small-sp-bpe", "small-sp-bpe", {"tokenizer.model"}, false},
    {"SmallUnigram", "small-sp-unigram", "small-sp-unigram", {"tokenizer.model"}, false},
    {"SmallUnigramNfkc",
     "small-sp-unigram-nfkc",
     "small-sp-unigram-nfkc",
     {"tokenizer.model"},
     false},
    {"Gpt2", "gpt2", "gpt2", {"tokenizer.json"}, true},
    {"Gpt2VocabAndMerges", "gpt2", "gpt2", {"vocab.json", "merges.txt"}, true},
    {"Qwen2", "qwen2", "qwen2", {"tokenizer.json"}, true},
    {"Qwen2VocabAndMerges",
     "qwen2",
     "qwen2",
     {"vocab.json", "merges.txt", "tokenizer_config.json", "added_tokens.json"},
     true},
    {"Qwen25", "qwen2.5", "qwen2.5", {"tokenizer.json"}, true},
    {"Qwen3", "qwen3", "qwen3", {"tokenizer.json"}, true},
    {"Albert", "albert", "albert", {"spiece.model"}, true},
    {"TestUnigram", "hf_test_sentencepiece", "hf_fixtures", {"test_sentencepiece.model"}, true},
    {"TestBpe", "hf_test_sentencepiece_bpe", "hf_fixtures", {"test_sentencepiece_bpe.model"}, true},
    {"TestCharacters",
     "hf_test_sentencepiece_bpe_char",
     "hf_fixtures",
     {"test_sentencepiece_bpe_char.model"},
     true},
};

INSTANTIATE_TEST_SUITE_P(All, TokenizerGolden, ::testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace unmask
