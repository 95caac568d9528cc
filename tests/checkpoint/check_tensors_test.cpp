#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing.h"
#include "checkpoint/raw_safetensors.h"
#include "checkpoint/tensor_store.h"

namespace unmask {
namespace {

using testing::fails_with;
using testing::safetensors_of;

class CheckTensors : public ::testing::Test {
 protected:
  TensorStore weights_of(const std::map<std::string, std::vector<std::int64_t>>& tensors) const {
    folder_.write("model.safetensors", safetensors_of(tensors));
    return TensorStore(CheckpointFolder(folder_.path()));
  }

  testing::TemporaryFolder folder_;
};

TEST_F(CheckTensors, ReturnsWhatMayGoUnused) {
  const TensorStore weights = weights_of({{"a", {2, 3}},
                                          {"b", {1}},
                                          {"empty", {0, 4}},
                                          {"layers.0.rotary_emb.inv_freq", {1}},
                                          {"position_ids", {1, 2}},
                                          {"vision_tower.layers.0.weight", {1}}});
  EXPECT_THAT(check_tensors(weights, {{"a", {2, 3}}, {"b", {1}}}),
              ::testing::ElementsAre("empty", "layers.0.rotary_emb.inv_freq", "position_ids",
                                     "vision_tower.layers.0.weight"));
}

TEST_F(CheckTensors, RefusesWhatTheNetworkWouldLeaveOut) {
  const std::vector<TensorSpec> needed = {{"a", {2}}};
  for (const char* name : {"layers.0.query_norm.weight", "b", "not_position_ids", "visualize.a"}) {
    const TensorStore weights = weights_of({{"a", {2}}, {name, {3}}});
    EXPECT_TRUE(fails_with(ErrorCode::checkpoint,
                           {"nothing of 1 of their 2 tensors", name, " [3]", "--family"},
                           [&] { check_tensors(weights, needed); }))
        << name;
  }
}

TEST_F(CheckTensors, ListsTenOfThoseThatWouldBeLeftOut) {
  std::map<std::string, std::vector<std::int64_t>> tensors{{"a", {2}}};
  for (int i = 10; i < 33; ++i) tensors["t" + std::to_string(i)] = {1};
  EXPECT_TRUE(
      fails_with(ErrorCode::checkpoint, {"23 of their 24", "'t19' [1]\n  and 13 more\n"}, [&] {
        check_tensors(weights_of(tensors), {{"a", {2}}});
      }));
}

TEST_F(CheckTensors, TakesACopyThatIsThereOrNot) {
  const std::vector<TensorSpec> needed = {{"embedding", {2}}, {"head", {2}, "embedding"}};
  EXPECT_THAT(check_tensors(weights_of({{"embedding", {2}}}), needed), ::testing::IsEmpty());
  EXPECT_THAT(check_tensors(weights_of({{"embedding", {2}}, {"head", {2}}}), needed),
              ::testing::IsEmpty());
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"'head' is [3], must be [2]"}, [&] {
    check_tensors(weights_of({{"embedding", {2}}, {"head", {3}}}), needed);
  }));
}

TEST_F(CheckTensors, WarnsOfACopyThatDiffers) {
  const std::vector<float> values = {1, 2, 1, 3};
  const auto bytes = std::as_bytes(std::span(values));
  const std::vector<NamedTensor> tensors = {{"embedding", DType::f32, {2}, bytes.first(8)},
                                            {"head", DType::f32, {2}, bytes.last(8)}};
  folder_.write("model.safetensors", serialize_safetensors(tensors));
  ::testing::internal::CaptureStderr();
  check_tensors(TensorStore(CheckpointFolder(folder_.path())),
                {{"embedding", {2}}, {"head", {2}, "embedding"}});
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              ::testing::HasSubstr("'head' differs from 'embedding'"));
}

TEST_F(CheckTensors, NamesWhatIsMissing) {
  const TensorStore weights = weights_of({{"a", {2}}});
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint,
                         {"of 2 tensors 1 are missing and 0 have another shape",
                          "'lm_head.weight' [2, 3] is missing", "--family"},
                         [&] {
                           check_tensors(weights, {{"a", {2}}, {"lm_head.weight", {2, 3}}});
                         }));
}

TEST_F(CheckTensors, NamesBothShapes) {
  const TensorStore weights = weights_of({{"a", {2, 3}}, {"b", {2, 3}}, {"c", {0}}, {"d", {}}});
  EXPECT_TRUE(fails_with(
      ErrorCode::checkpoint,
      {"of 4 tensors 0 are missing and 4 have another shape", "'a' is [2, 3], must be [2, 4]\n",
       "'b' is [2, 3], must be [3, 2] (it is transposed)", "'c' is [0], must be [5]",
       "'d' is [], must be [1]"},
      [&] {
        check_tensors(weights, {{"a", {2, 4}}, {"b", {3, 2}}, {"c", {5}}, {"d", {1}}});
      }));
}

TEST_F(CheckTensors, ListsTenAndCountsTheOthers) {
  const TensorStore weights = weights_of({{"a", {2}}});
  std::vector<TensorSpec> needed;
  for (int i = 10; i < 33; ++i) needed.push_back({"t" + std::to_string(i), {1}});
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint,
                         {"23 are missing", "'t10'", "'t19' [1] is missing\n  and 13 more\n"},
                         [&] { check_tensors(weights, needed); }));
}

}  // namespace
}  // namespace unmask
