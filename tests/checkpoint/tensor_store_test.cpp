// Which files make up the weights of a checkpoint, and what may stand for them.
#include "checkpoint/tensor_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/testing.h"
#include "checkpoint/raw_safetensors.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;
using testing::fails_with;
using testing::safetensors_of;
using testing::TemporaryFolder;

TensorStore weights_in(const fs::path& folder) { return TensorStore(CheckpointFolder(folder)); }

class WeightsTest : public ::testing::Test {
 protected:
  ::testing::AssertionResult refuses(const fs::path& folder, ErrorCode code,
                                     std::initializer_list<std::string_view> words) const {
    return fails_with(code, words, [&] { weights_in(folder); });
  }
  ::testing::AssertionResult refuses(std::initializer_list<std::string_view> words) const {
    return refuses(folder_.path(), ErrorCode::checkpoint, words);
  }

  void write_index(const std::string& weight_map, const std::string& metadata = "{}") const {
    folder_.write("model.safetensors.index.json",
                  R"({"metadata":)" + metadata + R"(,"weight_map":)" + weight_map + "}");
  }

  // 'a' in one shard and 'b' in another.
  void write_two_shards() const {
    folder_.write("one.safetensors", safetensors_of({{"a", {2}}}));
    folder_.write("two.safetensors", safetensors_of({{"b", {3}}}));
    write_index(R"({"a":"one.safetensors","b":"two.safetensors"})");
  }

  TemporaryFolder folder_;
};

using WeightsLinks = WeightsTest;

TEST_F(WeightsTest, AreFoundInOneFile) {
  folder_.write("model.safetensors", safetensors_of({{"a", {2}}, {"b", {3}}}));
  const TensorStore weights = weights_in(folder_.path());
  EXPECT_EQ(weights.tensors().size(), 2U);
  ASSERT_NE(weights.find("b"), nullptr);
  EXPECT_EQ(weights.find("b")->shape, std::vector<std::int64_t>{3});
  EXPECT_EQ(weights.find("c"), nullptr);
}

TEST_F(WeightsTest, AreFoundInTheShardsOfAnIndex) {
  write_two_shards();
  const TensorStore weights = weights_in(folder_.path());
  EXPECT_EQ(weights.tensors().size(), 2U);
  ASSERT_NE(weights.find("a"), nullptr);
  ASSERT_NE(weights.find("b"), nullptr);
  EXPECT_EQ(weights.find("b")->bytes.size(), 12U);
}

TEST_F(WeightsTest, StayWhereTheyAreWhenMoved) {
  write_two_shards();
  TensorStore first = weights_in(folder_.path());
  const TensorView* const view = first.find("a");
  const TensorStore moved(std::move(first));
  EXPECT_EQ(moved.find("a"), view);
}

TEST_F(WeightsTest, PreferTheSingleFileOverAnIndex) {
  write_two_shards();
  folder_.write("model.safetensors", safetensors_of({{"whole", {2}}}));
  EXPECT_NE(weights_in(folder_.path()).find("whole"), nullptr);
}

TEST_F(WeightsTest, OfTheFixturesAreAllThere) {
  const std::pair<const char*, std::size_t> fixtures[] = {
      {"llada", 30}, {"llada_tied", 20}, {"llada_bf16", 21}, {"dream", 39}, {"dream_tied", 26}};
  for (const auto& [name, count] : fixtures) {
    const TensorStore weights = weights_in(testing::fixture(name) / "model");
    EXPECT_EQ(weights.tensors().size(), count) << name;
    const bool is_bf16 = std::string_view(name) == "llada_bf16";
    for (const auto& [tensor, view] : weights.tensors()) {
      EXPECT_EQ(view->dtype, is_bf16 ? DType::bf16 : DType::f32) << tensor;
    }
  }
}

TEST_F(WeightsTest, RejectATensorInTwoShards) {
  write_two_shards();
  folder_.write("two.safetensors", safetensors_of({{"a", {2}}, {"b", {3}}}));
  EXPECT_TRUE(refuses({"'a' is in two shards", "one.safetensors", "two.safetensors"}));
}

TEST_F(WeightsTest, RejectAnIndexThatPointsToTheWrongShard) {
  write_two_shards();
  write_index(R"({"a":"two.safetensors","b":"one.safetensors"})");
  EXPECT_TRUE(refuses({"tensor 'a' is in 'two.safetensors'", "but it is in 'one.safetensors'"}));
  write_index(R"({"a":"one.safetensors","c":"two.safetensors"})");
  EXPECT_TRUE(refuses({"tensor 'c' is in 'two.safetensors'", "but no shard has it"}));
}

TEST_F(WeightsTest, NameAMissingShard) {
  write_two_shards();
  fs::remove(folder_ / "two.safetensors");
  EXPECT_TRUE(refuses({"'two.safetensors'", "1 tensors", "missing", "incomplete download"}));
}

TEST_F(WeightsTest, OnlyWarnOfAnotherTotalSize) {
  write_two_shards();
  const std::string map = R"({"a":"one.safetensors","b":"two.safetensors"})";
  const auto stderr_with = [&](const std::string& metadata) {
    write_index(map, metadata);
    ::testing::internal::CaptureStderr();
    const TensorStore weights = weights_in(folder_.path());
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(stderr_with(R"({"total_size":20})"), "");
  EXPECT_NE(stderr_with(R"({"total_size":21})").find("warning"), std::string::npos);
  for (const char* unusable :
       {R"({"total_size":"20"})", R"({"total_size":-1})", "[]", "null", "3"}) {
    EXPECT_EQ(stderr_with(unusable), "") << unusable;
  }
}

TEST_F(WeightsTest, RejectShardNamesThatAreNoPlainFileNames) {
  folder_.write("a/b.safetensors", safetensors_of({{"a", {2}}}));
  for (const char* name :
       {"../../x", "/etc/passwd", "a/b.safetensors", "", ".", "..", "x/", "x\\u0000.safetensors"}) {
    write_index("{\"a\":\"" + std::string(name) + "\"}");
    EXPECT_TRUE(refuses({"'weight_map.a'", "must be a plain file name"})) << name;
  }
  for (const char* value : {"1", "null", "[\"one.safetensors\"]", "{}"}) {
    write_index("{\"a\":" + std::string(value) + "}");
    EXPECT_TRUE(refuses({"'weight_map.a'", "must be a string"})) << value;
  }
}

TEST_F(WeightsTest, RejectAnIndexOfAnotherShape) {
  folder_.write("model.safetensors.index.json", "[]");
  EXPECT_TRUE(refuses({"index.json", "must be an object"}));
  folder_.write("model.safetensors.index.json", "{}");
  EXPECT_TRUE(refuses({"'weight_map' is missing"}));
  write_index("[]");
  EXPECT_TRUE(refuses({"'weight_map' must be an object"}));
  write_index(R"({"a":"one.safetensors","a":"two.safetensors"})");
  EXPECT_TRUE(refuses({"'a' is defined twice"}));
}

TEST_F(WeightsTest, NeverOpenPickledWeights) {
  folder_.write("pytorch_model.bin", "PK");
  EXPECT_TRUE(refuses({"pytorch_model.bin", "never opened", "convert them to safetensors"}));
}

TEST_F(WeightsTest, SayWhatIsThereInstead) {
  EXPECT_TRUE(
      refuses({"neither model.safetensors nor model.safetensors.index.json", "it has nothing"}));
  folder_.write("model.gguf", "");
  folder_.write("config.json", "{}");
  EXPECT_TRUE(refuses({"it has config.json, model.gguf"}));
}

TEST_F(WeightsTest, RejectWhatIsNotARegularFile) {
  fs::create_directory(folder_ / "model.safetensors");
  EXPECT_TRUE(refuses({"model.safetensors", "a directory"}));
  fs::remove(folder_ / "model.safetensors");
  ASSERT_EQ(::mkfifo((folder_ / "model.safetensors").c_str(), 0600), 0);
  EXPECT_TRUE(refuses({"model.safetensors", "a FIFO"}));
}

TEST_F(WeightsTest, ExplainAGitLfsPointer) {
  folder_.write("model.safetensors", "version https://git-lfs.github.com/spec/v1\nsize 9\n");
  EXPECT_TRUE(refuses({"model.safetensors", "git lfs pull"}));
}

TEST_F(WeightsLinks, MayStayInsideTheFolder) {
  folder_.write("data/weights", safetensors_of({{"a", {2}}}));
  fs::create_symlink("data/weights", folder_ / "model.safetensors");
  EXPECT_NE(weights_in(folder_.path()).find("a"), nullptr);
}

TEST_F(WeightsLinks, MayLeadToTheBlobsOfTheSameRepository) {
  folder_.write("models--org--name/blobs/abc", safetensors_of({{"a", {2}}}));
  const fs::path snapshot = folder_ / "models--org--name/snapshots/1234";
  fs::create_directories(snapshot);
  fs::create_symlink("../../blobs/abc", snapshot / "model.safetensors");
  EXPECT_NE(weights_in(snapshot).find("a"), nullptr);
  // Also where the snapshot itself was reached through a link.
  fs::create_directory_symlink(snapshot, folder_ / "my-model");
  EXPECT_NE(weights_in(folder_ / "my-model").find("a"), nullptr);
}

TEST_F(WeightsLinks, MayNotLeadElsewhere) {
  folder_.write("models--org--other/blobs/abc", safetensors_of({{"a", {2}}}));
  const fs::path snapshot = folder_ / "models--org--name/snapshots/1234";
  fs::create_directories(snapshot);
  for (const fs::path& target :
       {fs::path("/etc/passwd"), fs::path("../../../models--org--other/blobs/abc"),
        folder_ / "models--org--name/snapshots"}) {
    fs::create_symlink(target, snapshot / "model.safetensors");
    EXPECT_TRUE(
        refuses(snapshot, ErrorCode::checkpoint, {"symbolic link to", "outside of the checkpoint"}))
        << target;
    fs::remove(snapshot / "model.safetensors");
  }
}

TEST_F(WeightsLinks, MayNotLeadToAFolderWithALongerName) {
  folder_.write("model-secret/weights", safetensors_of({{"a", {2}}}));
  fs::create_directory(folder_ / "model");
  fs::create_symlink("../model-secret/weights", folder_ / "model/model.safetensors");
  EXPECT_TRUE(refuses(folder_ / "model", ErrorCode::checkpoint, {"outside of the checkpoint"}));
}

TEST_F(WeightsLinks, ThatLeadNowhereAreNamed) {
  fs::create_symlink("gone", folder_ / "model.safetensors");
  EXPECT_TRUE(refuses({"model.safetensors", "symbolic link to gone", "No such file"}));
  fs::remove(folder_ / "model.safetensors");
  fs::create_symlink("model.safetensors", folder_ / "model.safetensors");
  EXPECT_TRUE(refuses({"model.safetensors", "symbolic link", "Too many levels"}));
}

TEST_F(WeightsLinks, OfShardsAreHeldToTheSameRules) {
  write_two_shards();
  fs::remove(folder_ / "two.safetensors");
  fs::create_symlink("/etc/passwd", folder_ / "two.safetensors");
  EXPECT_TRUE(refuses({"two.safetensors", "outside of the checkpoint"}));
}

}  // namespace
}  // namespace unmask
