// A checkpoint opened once: what is read when, and which files it may hold.
#include "checkpoint/checkpoint.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/testing.h"
#include "checkpoint/raw_safetensors.h"
#include "unmask/checkpoint.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;
using testing::fails_with;
using testing::safetensors_of;

class CheckpointTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Checkpoint> open() const { return Checkpoint::open(folder_.path()); }

  /// What reading both configuration files gives.
  ::testing::AssertionResult refuses(std::initializer_list<std::string_view> words) const {
    return fails_with(ErrorCode::checkpoint, words, [&] {
      const auto checkpoint = open();
      (void)checkpoint->config();
      (void)checkpoint->generation();
    });
  }

  testing::TemporaryFolder folder_;
};

using CheckpointConfigTest = CheckpointTest;
using CheckpointMember = CheckpointTest;

TEST_F(CheckpointConfigTest, ReadsBothFiles) {
  const auto dream = Checkpoint::open(testing::fixture("dream/model"));
  EXPECT_EQ(dream->config().at("model_type").text(), "Dream");
  EXPECT_EQ(dream->generation().at("mask_token_id").integer(0, 1000), 309);
}

TEST_F(CheckpointConfigTest, NeedsNoGenerationConfig) {
  folder_.write("config.json", R"({"n_layers": 0})");
  const auto checkpoint = open();
  EXPECT_FALSE(checkpoint->generation().has("mask_token_id"));
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint,
                         {"config.json: 'n_layers' is 0, must be an integer"},
                         [&] { checkpoint->config().at("n_layers").integer(1, 9); }));
}

TEST_F(CheckpointConfigTest, SaysWhatIsThereWhenItIsMissing) {
  folder_.write("README.md", "");
  EXPECT_TRUE(refuses({"has no config.json; it has README.md"}));
}

TEST_F(CheckpointConfigTest, RefusesAHugeFile) {
  folder_.write("config.json", "{}" + std::string(5 << 20, ' '));
  EXPECT_TRUE(refuses({"config.json", "bytes, at most"}));
}

TEST_F(CheckpointConfigTest, RefusesDamagedJson) {
  folder_.write("config.json", R"({"vocab_size": 1, "vocab_size": 2})");
  EXPECT_TRUE(refuses({"config.json:1:19:", "'vocab_size' is defined twice"}));
  folder_.write("config.json", R"({"rope_theta": nan})");
  EXPECT_TRUE(refuses({"config.json:1:16:"}));
  folder_.write("config.json", "[]");
  EXPECT_TRUE(refuses({"config.json", "must be a JSON object"}));
  folder_.write("config.json", "{}");
  folder_.write("generation_config.json", "{");
  EXPECT_TRUE(refuses({"generation_config.json:1:2:"}));
}

TEST_F(CheckpointConfigTest, MayNotBeALinkToSomethingElse) {
  fs::create_symlink("/etc/passwd", folder_ / "config.json");
  EXPECT_TRUE(refuses({"config.json", "outside of the checkpoint"}));
}

TEST_F(CheckpointTest, ReadsEachFileOnce) {
  folder_.write("config.json", R"({"n_layers": 2})");
  folder_.write("generation_config.json", R"({"steps": 3})");
  folder_.write("model.safetensors", safetensors_of({{"a", {2}}}));
  const auto checkpoint = open();
  const Json* const config = &checkpoint->config().value();
  const Json* const generation = &checkpoint->generation().value();
  const TensorStore* const tensors = &checkpoint->tensors();
  for (const char* name : {"config.json", "generation_config.json", "model.safetensors"}) {
    fs::remove(folder_ / name);  // what was read is not looked for again
  }
  EXPECT_EQ(&checkpoint->config().value(), config);
  EXPECT_EQ(&checkpoint->generation().value(), generation);
  EXPECT_EQ(&checkpoint->tensors(), tensors);
  EXPECT_EQ(config->at("n_layers"), 2);
}

TEST_F(CheckpointTest, ReadsOnceForAllThreads) {
  folder_.write("config.json", R"({"n_layers": 2})");
  folder_.write("model.safetensors", safetensors_of({{"a", {2}}}));
  const auto checkpoint = open();
  std::vector<const void*> configs(4), tensors(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < configs.size(); ++i) {
    threads.emplace_back([&, i] {
      configs[i] = &checkpoint->config().value();
      tensors[i] = checkpoint->tensors().find("a");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(configs, std::vector<const void*>(4, configs.front()));
  EXPECT_EQ(tensors, std::vector<const void*>(4, tensors.front()));
}

TEST_F(CheckpointTest, OpensNothingThatIsNotAskedFor) {
  folder_.write("config.json", "{");
  folder_.write("generation_config.json", "{");
  folder_.write("model.safetensors", "no weights");
  folder_.write("tokenizer.json", "{}");
  const auto checkpoint = open();
  EXPECT_EQ(checkpoint->member("tokenizer.json")->text(), "{}");
  EXPECT_THROW((void)checkpoint->config(), Error);
  EXPECT_THROW((void)checkpoint->tensors(), Error);
}

TEST_F(CheckpointTest, CountsBytesOfWeightsWithoutOpeningThem) {
  folder_.write("one.safetensors", "12345");
  folder_.write("two.safetensors", "123");
  folder_.write("config.json", "{}");
  EXPECT_EQ(open()->weight_bytes(), 8U);
}

TEST_F(CheckpointTest, IsAFolderThatIsThere) {
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"nowhere", "No such file"},
                         [&] { Checkpoint::open(folder_ / "nowhere"); }));
  EXPECT_EQ(open_checkpoint(folder_.path())->path(), folder_.path());
}

TEST_F(CheckpointMember, IsNothingWhereThereIsNoSuchFile) {
  EXPECT_EQ(open()->member("tokenizer.json"), std::nullopt);
}

TEST_F(CheckpointMember, IsNamedByAPlainFileName) {
  folder_.write("sub/file", "x");
  for (const char* name : {"sub/file", "../x", "/etc/passwd", "", ".", ".."}) {
    EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"is not the name of a file in it"}, [&] {
      open()->member(name);
    })) << name;
  }
}

TEST_F(CheckpointMember, MayBeALinkWithinTheFolder) {
  folder_.write("data/vocabulary", "inside");
  fs::create_symlink("data/vocabulary", folder_ / "tokenizer.json");
  const auto file = open()->member("tokenizer.json");
  EXPECT_EQ(file->text(), "inside");
  EXPECT_EQ(file->path(), folder_ / "tokenizer.json");
}

TEST_F(CheckpointMember, OfAHubCacheIsALinkToItsBlobs) {
  folder_.write("models--org--name/blobs/abc", "blob");
  folder_.write("models--org--other/blobs/abc", "another's");
  const fs::path snapshot = folder_ / "models--org--name/snapshots/1234";
  fs::create_directories(snapshot);
  fs::create_symlink("../../blobs/abc", snapshot / "tokenizer.json");
  fs::create_symlink("../../../models--org--other/blobs/abc", snapshot / "merges.txt");
  const auto checkpoint = Checkpoint::open(snapshot);
  EXPECT_EQ(checkpoint->member("tokenizer.json")->text(), "blob");
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"merges.txt", "outside of the checkpoint"},
                         [&] { checkpoint->member("merges.txt"); }));
}

TEST_F(CheckpointMember, MayNotBeALinkOutOfTheCheckpoint) {
  for (const char* name : {"config.json", "tokenizer.json", "chat_template.jinja", "model.pt2",
                           "model.safetensors", "anything"}) {
    fs::create_symlink("/etc/passwd", folder_ / name);
    EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {name, "outside of the checkpoint"}, [&] {
      open()->member(name);
    })) << name;
  }
}

}  // namespace
}  // namespace unmask
