#include "decode/converged.h"

#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "decode/trajectory.h"

namespace unmask {
namespace {

using testing::Fixture;
using testing::Ids;
using testing::run_alone;
using testing::TracedRun;

TEST(HasConverged, ComparesTheMeanLeadOfTheBestTokenWithItsThirdsBound) {
  DecodeOptions options;
  options.converged_gaps = {5.5, 5, 4.5};
  EXPECT_FALSE(has_converged(5, 0, options));
  EXPECT_FALSE(has_converged(5, 0.32, options));
  EXPECT_TRUE(has_converged(5, 0.34, options));  // as much as the bound is enough
  options.converged_gaps[1] = 5.1;
  EXPECT_FALSE(has_converged(5, 0.66, options));
  EXPECT_TRUE(has_converged(5, 0.68, options));
}

constexpr double kUnreachable = 1e9;

/// A hole in the prompt, and blocks of 4 of which each step writes one token.
class Converged : public ::testing::TestWithParam<const char*> {
 protected:
  TracedRun run(std::array<double, 3> gaps, const char* cache = "none") const {
    GenerationRequest request = request_;
    request.options.converged = true;
    request.options.converged_gaps = gaps;
    set_option(request.options, "cache", cache);
    return run_alone(model_, request);
  }

  static bool is_filled(const Ids& canvas, const Model& model) {
    return std::find(canvas.begin(), canvas.end(), model.facts().mask_id) == canvas.end();
  }

  Converged() {
    request_.canvas = {Segment::given({5, 6, 7, 8})};
    request_.options.length = 12;
    request_.options.block = 4;
    request_.options.early_stop = false;
  }

  c10::InferenceMode inference_;
  Model model_ = Fixture(GetParam()).load();
  GenerationRequest request_;
};

TEST_P(Converged, FillsAllBlocksInThePassInWhichItIsSure) {
  request_.canvas = {Segment::given({5}), Segment::open(1), Segment::given({7, 8})};
  const TracedRun stopped = run({0, 0, 0});
  EXPECT_EQ(stopped.result.finish, Finish::converged);
  EXPECT_EQ(stopped.result.forwards, 1);
  EXPECT_EQ(stopped.states.size(), 1U);
  const Ids& canvas = stopped.result.canvas;
  EXPECT_TRUE(is_filled(canvas, model_));
  EXPECT_EQ((Ids{canvas[0], canvas[2], canvas[3]}), (Ids{5, 7, 8}));
}

TEST_P(Converged, AnUnreachableBoundChangesNothing) {
  for (const char* cache : {"none", "prefix", "delayed"}) {
    const TracedRun stopped = run({kUnreachable, kUnreachable, kUnreachable}, cache);
    GenerationRequest request = request_;
    set_option(request.options, "cache", cache);
    const TracedRun plain = run_alone(model_, request);
    EXPECT_EQ(stopped.states, plain.states);
    EXPECT_EQ(stopped.result.forwards, plain.result.forwards);
    EXPECT_EQ(stopped.result.finish, Finish::length);
  }
}

TEST_P(Converged, HasABoundForEachThirdOfTheText) {
  const TracedRun plain = run({kUnreachable, kUnreachable, kUnreachable});
  for (const char* cache : {"none", "prefix", "delayed"}) {
    // 4 of 12 tokens are a third: the fifth pass is the first one of the second third.
    const TracedRun second = run({kUnreachable, 0, 0}, cache);
    EXPECT_EQ(second.result.forwards, 5);
    EXPECT_TRUE(is_filled(second.result.canvas, model_));
    // 8 are not two, nor are they more than 0.67 of them.
    EXPECT_EQ(run({kUnreachable, kUnreachable, 0}, cache).result.forwards, 10);
  }
  const TracedRun second = run({kUnreachable, 0, 0});
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(second.states[i], plain.states[i]);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, Converged, ::testing::Values("llada", "dream"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace unmask
