#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/raw_safetensors.h"

namespace unmask {
namespace {

using testing::fails_with;
using testing::safetensors_of;

class CheckTensors : public ::testing::Test {
 protected:
  Weights weights_of(const std::map<std::string, std::vector<std::int64_t>>& tensors) const {
    folder_.write("model.safetensors", safetensors_of(tensors));
    return Weights(folder_.path());
  }

  testing::TemporaryFolder folder_;
};

TEST_F(CheckTensors, AcceptsWhatIsNeededAndReturnsTheRest) {
  const Weights weights = weights_of({{"a", {2, 3}}, {"b", {1}}, {"x", {1}}, {"y", {1}}});
  EXPECT_THAT(check_tensors(weights, {{"a", {2, 3}}, {"b", {1}}}),
              ::testing::ElementsAre("x", "y"));
}

TEST_F(CheckTensors, NamesWhatIsMissing) {
  const Weights weights = weights_of({{"a", {2}}});
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint,
                         {"of 2 tensors 1 are missing and 0 have another shape",
                          "'lm_head.weight' [2, 3] is missing", "--family"},
                         [&] {
                           check_tensors(weights, {{"a", {2}}, {"lm_head.weight", {2, 3}}});
                         }));
}

TEST_F(CheckTensors, NamesBothShapes) {
  const Weights weights = weights_of({{"a", {2, 3}}, {"b", {2, 3}}, {"c", {0}}, {"d", {}}});
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
  const Weights weights = weights_of({{"a", {2}}});
  std::vector<TensorSpec> needed;
  for (int i = 10; i < 33; ++i) needed.push_back({"t" + std::to_string(i), {1}});
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint,
                         {"23 are missing", "'t10'", "'t19' [1] is missing\n  and 13 more\n"},
                         [&] { check_tensors(weights, needed); }));
}

}  // namespace
}  // namespace unmask
