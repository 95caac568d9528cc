#include "text/special_tokens.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/testing.h"
#include "text/files_in.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;
using testing::files_in;
using testing::fixture;
using testing::TemporaryFolder;

/// What is found with a fixture's tokenizer and a changed tokenizer_config.json.
struct Found {
  std::optional<int> mask, end;
};

Found find_with(const TemporaryFolder& folder) {
  const TokenizerFiles files = files_in(folder.path());
  const auto tokenizer = load_tokenizer(files);
  return {mask_token_id(files, *tokenizer), end_token_id(files, *tokenizer)};
}

void copy_tokenizer(const char* name, const TemporaryFolder& folder) {
  fs::copy_file(fixture(name) / "model/tokenizer.json", folder / "tokenizer.json");
}

TEST(SpecialTokens, AreTheOnesThatTheTokenizerNames) {
  for (const auto& [name, mask, end] :
       std::vector<std::tuple<const char*, int, int>>{{"a2d_qwen3", 299, 298},
                                                      {"fast_dllm_v2", 319, 318},
                                                      {"llada2", 304, 301},
                                                      {"open_dcoder", 291, 288},
                                                      {"open_dcoder_alt", 312, 300},
                                                      {"sdar", 319, 314}}) {
    const TokenizerFiles files = files_in(fixture(name) / "model");
    const auto tokenizer = load_tokenizer(files);
    EXPECT_EQ(mask_token_id(files, *tokenizer), mask) << name;
    EXPECT_EQ(end_token_id(files, *tokenizer), end) << name;
  }
}

TEST(SpecialTokens, AreFoundByTheirUsualSpellings) {
  const TemporaryFolder folder;
  copy_tokenizer("sdar", folder);
  EXPECT_EQ(find_with(folder).mask, 319);
  EXPECT_EQ(find_with(folder).end, std::nullopt);
}

TEST(SpecialTokens, MayBeObjectsAndMayBeInTheOlderFile) {
  const TemporaryFolder folder;
  copy_tokenizer("sdar", folder);
  folder.write("tokenizer_config.json", R"({"mask_token":{"content":"<|im_start|>"}})");
  folder.write("special_tokens_map.json", R"({"eos_token":"<|im_end|>"})");
  EXPECT_EQ(find_with(folder).mask, 315);
  EXPECT_EQ(find_with(folder).end, 316);
}

TEST(SpecialTokens, AreUnknownWhereTheVocabularyLacksThem) {
  const TemporaryFolder folder;
  copy_tokenizer("bd3lm", folder);
  EXPECT_EQ(find_with(folder).mask, std::nullopt);
  folder.write("tokenizer_config.json", R"({"mask_token":"<nobody>","eos_token":"<none>"})");
  EXPECT_EQ(find_with(folder).mask, std::nullopt);
  EXPECT_EQ(find_with(folder).end, std::nullopt);
}

}  // namespace
}  // namespace unmask
