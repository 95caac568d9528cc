// Whole runs with the delayed cache. The sizes of its passes are in cache_policy_test.cpp.
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "decode/trajectory.h"

namespace unmask {
namespace {

using testing::Fixture;
using testing::Ids;
using testing::run_alone;
using testing::TracedRun;

class DelayedRun : public ::testing::Test {
 protected:
  /// One token a step, in blocks.
  static TracedRun run(const Model& model, const Ids& prompt, int length, int block,
                       const char* cache) {
    GenerationRequest request;
    request.canvas = {Segment::given(prompt)};
    request.options.length = length;
    request.options.block = block;
    request.options.early_stop = false;
    set_option(request.options, "cache", cache);
    return run_alone(model, request);
  }

 private:
  c10::InferenceMode inference_;
};

// The canvases are those of a program of its own in another language: the fixture's weights, and
// in each pass the rows whose token was open before or was written by the step before.
TEST_F(DelayedRun, IsThatOfAnIndependentImplementation) {
  const Model model = Fixture("llada").load();
  EXPECT_EQ(run(model, {5, 6, 7}, 12, 0, "delayed:4").result.canvas,
            (Ids{5, 6, 7, 217, 72, 149, 128, 168, 116, 120, 140, 140, 140, 164, 62}));
  EXPECT_EQ(run(model, {5, 6, 7}, 12, 0, "delayed:8").result.canvas,
            (Ids{5, 6, 7, 254, 298, 149, 124, 140, 140, 140, 140, 140, 140, 140, 124}));
  EXPECT_EQ(run(model, {5, 6, 7}, 12, 0, "delayed:100").result.canvas,
            (Ids{5, 6, 7, 116, 116, 149, 155, 140, 140, 140, 140, 140, 140, 140, 140}));
  EXPECT_EQ(run(model, {40, 41, 9, 77}, 16, 8, "delayed:4").result.canvas,
            (Ids{40,  41,  9,   77,  155, 153, 167, 242, 9,   269,
                 269, 104, 176, 187, 245, 187, 155, 316, 316, 245}));
}

TEST_F(DelayedRun, RefreshedInEveryPassIsAsWithoutACache) {
  for (const char* name : {"llada", "dream"}) {
    const Model model = Fixture(name).load();
    for (const int block : {0, 4}) {
      const TracedRun exact = run(model, {5, 6, 7}, 12, block, "none");
      EXPECT_EQ(run(model, {5, 6, 7}, 12, block, "delayed:1").states, exact.states) << name;
      EXPECT_NE(run(model, {5, 6, 7}, 12, block, "delayed:100").states, exact.states) << name;
    }
  }
}

TEST_F(DelayedRun, TogetherIsAsOneByOne) {
  const Model model = Fixture("dream").load();
  std::vector<GenerationRequest> requests(3);
  for (int i = 0; i < 3; ++i) {
    requests[i].canvas = {Segment::given({5, 6, 7 + i})};
    requests[i].options.length = 6 + 3 * i;
    set_option(requests[i].options, "cache", i == 1 ? "none" : "delayed:3");
  }
  const std::vector<TracedRun> together = testing::run_together(model, requests);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(together[i].states, run_alone(model, requests[i]).states);
}

}  // namespace
}  // namespace unmask
