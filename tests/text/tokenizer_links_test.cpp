// Files of a tokenizer that are links: a checkpoint may not name files of its own choice on this
// machine, and hub caches are made of links.
#include <gtest/gtest.h>

#include "base/testing.h"
#include "text/chat_format.h"
#include "text/files_in.h"
#include "text/special_tokens.h"
#include "text/tokenizer.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;
using testing::fails_with;
using testing::files_in;
using testing::fixture;
using testing::TemporaryFolder;

/// A copy of a tokenizer's folder in which `name` is a link to a file elsewhere of the same
/// content.
void copy_with_link_out(const fs::path& original, const TemporaryFolder& elsewhere,
                        const std::string& name, const TemporaryFolder& folder) {
  fs::copy(original, folder.path());
  if (!fs::exists(folder / name)) folder.write(name, "{}");
  fs::rename(folder / name, elsewhere / name);
  fs::create_symlink(elsewhere / name, folder / name);
}

void read_all(const TokenizerFiles& files) {
  const auto tokenizer = load_tokenizer(files);
  (void)find_chat_format(files);
  (void)mask_token_id(files, *tokenizer);
}

class TokenizerLinks
    : public ::testing::TestWithParam<std::pair<const char*, std::vector<std::string>>> {};

TEST_P(TokenizerLinks, MayNotLeadOutOfTheCheckpoint) {
  const auto& [original, names] = GetParam();
  for (const std::string& name : names) {
    const TemporaryFolder folder, elsewhere;
    copy_with_link_out(fixture(original), elsewhere, name, folder);
    EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {name, "outside of the checkpoint"}, [&] {
      read_all(files_in(folder.path()));
    })) << name;
  }
}

const std::vector<std::string> kSettings{"tokenizer_config.json", "special_tokens_map.json",
                                         "added_tokens.json", "chat_template.jinja"};

std::vector<std::string> with_settings(std::vector<std::string> names) {
  names.insert(names.end(), kSettings.begin(), kSettings.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Kinds, TokenizerLinks,
                         ::testing::Values(std::pair("tokenizers/small-bpe-gpt2",
                                                     with_settings({"tokenizer.json"})),
                                           std::pair("tokenizers/small-sp-unigram-nfkc",
                                                     with_settings({"tokenizer.model"}))));

TEST(TokenizerLinksOfVocabAndMerges, MayNotLeadOutOfTheCheckpoint) {
  for (const char* name : {"vocab.json", "merges.txt"}) {
    const TemporaryFolder folder, elsewhere;
    folder.write("vocab.json", R"({"a": 0, "b": 1, "ab": 2})");
    folder.write("merges.txt", "a b\n");
    EXPECT_EQ(load_tokenizer(files_in(folder.path()))->vocab_size(), 3);
    fs::rename(folder / name, elsewhere / name);
    fs::create_symlink(elsewhere / name, folder / name);
    EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {name, "outside of the checkpoint"},
                           [&] { load_tokenizer(files_in(folder.path())); }));
  }
}

TEST(TokenizerLinksOfAHubCache, LeadToItsBlobs) {
  const TemporaryFolder cache;
  const fs::path repository = cache / "models--org--name";
  fs::create_directories(repository / "blobs");
  fs::create_directories(repository / "snapshots/1234");
  for (const char* name : {"tokenizer.json", "tokenizer_config.json"}) {
    fs::copy(fixture("llada/model") / name, repository / "blobs" / name);
    fs::create_symlink(fs::path("../../blobs") / name, repository / "snapshots/1234" / name);
  }
  const TokenizerFiles files = files_in(repository / "snapshots/1234");
  EXPECT_GT(load_tokenizer(files)->vocab_size(), 300);
  EXPECT_TRUE(find_chat_format(files)->uses("messages"));
}

}  // namespace
}  // namespace unmask
