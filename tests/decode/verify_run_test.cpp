// Draft and verify on the fixtures: what `quota` writes, step by step, in fewer passes.
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "decode/trajectory.h"
#include "rules/cards.h"

namespace unmask {
namespace {

using testing::Fixture;
using testing::reference_cases;
using testing::request_of;
using testing::run_alone;
using testing::TracedRun;

class VerifiedFixture : public ::testing::TestWithParam<std::string> {
 private:
  c10::InferenceMode inference_;
};

TEST_P(VerifiedFixture, IsWhatQuotaWritesStepByStep) {
  const Fixture fixture(GetParam());
  int compared = 0, sequential = 0, verified = 0;
  for (const auto& reference : reference_cases(GetParam())) {
    const Model model = load_for(fixture, reference);
    for (const auto& row : reference.rows) {
      GenerationRequest request = request_of(reference, row, model.facts());
      if (request.options.commit.name() != "quota" || request.options.first_alone ||
          request.options.revise.name() != "none") {
        continue;
      }
      SCOPED_TRACE(reference.name);
      set_option(request.options, "cache", "none");
      const TracedRun plain = run_alone(model, request);
      set_option(request.options, "commit", "verify:4");
      const TracedRun drafted = run_alone(model, request);
      EXPECT_EQ(drafted.states, plain.states);
      EXPECT_EQ(drafted.result.canvas, plain.result.canvas);
      EXPECT_EQ(drafted.result.steps, plain.result.steps);
      EXPECT_LE(drafted.result.forwards, plain.result.forwards);
      sequential += plain.result.forwards;
      verified += drafted.result.forwards;
      ++compared;
    }
  }
  EXPECT_GT(compared, 0);
  EXPECT_LT(verified, sequential);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, VerifiedFixture,
                         ::testing::Values("a2d_qwen3", "dream", "llada", "llada_moe", "sdar",
                                           "smdm", "open_dcoder"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace unmask
