#include <gtest/gtest.h>

#include "base/testing.h"
#include "checkpoint/checkpoint.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;
using testing::fails_with;

class CheckpointConfigTest : public ::testing::Test {
 protected:
  ::testing::AssertionResult refuses(std::initializer_list<std::string_view> words) const {
    return fails_with(ErrorCode::checkpoint, words, [&] { CheckpointConfig{folder_.path()}; });
  }

  testing::TemporaryFolder folder_;
};

TEST_F(CheckpointConfigTest, ReadsBothFiles) {
  const CheckpointConfig dream(testing::fixture("dream/model"));
  EXPECT_EQ(dream.config().at("model_type").text(), "Dream");
  EXPECT_EQ(dream.generation().at("mask_token_id").integer(0, 1000), 309);
}

TEST_F(CheckpointConfigTest, NeedsNoGenerationConfig) {
  folder_.write("config.json", R"({"n_layers": 0})");
  const CheckpointConfig config(folder_.path());
  EXPECT_FALSE(config.generation().has("mask_token_id"));
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint,
                         {"config.json: 'n_layers' is 0, must be an integer"},
                         [&] { config.config().at("n_layers").integer(1, 9); }));
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

}  // namespace
}  // namespace unmask
