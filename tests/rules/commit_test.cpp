#include "rules/commit/commit.h"

#include <gtest/gtest.h>

#include "rules/named_rules.h"

namespace unmask {
namespace {

using testing::commit_of;

/// A schedule that gives every step two positions.
class TwoPerStep : public Schedule {
  int quota(const StepInBlock&) const override { return 2; }
  float share(const StepInBlock&) const override { return 0; }
};

std::vector<int> choose(CommitRule& rule, const Prediction& prediction, int step = 0) {
  SeededNoise noise(1);
  return rule.choose(prediction, TwoPerStep(), {step, /*steps=*/4, 4, 4}, step, noise);
}

Prediction with_confidence(const std::vector<float>& confidence) {
  Prediction prediction;
  prediction.confidence = prediction.rank = confidence;
  return prediction;
}

TEST(ThresholdCommit, TakesAllThatAreSurerThanTheBoundButNotThoseAtIt) {
  const auto rule = commit_of("threshold:0.9,1");
  EXPECT_EQ(choose(*rule, with_confidence({0.95F, 0.9F, 0.91F, 0.5F})), (std::vector<int>{0, 2}));
}

TEST(ThresholdCommit, TakesTheBestWhereTooFewAreSure) {
  const Prediction unsure = with_confidence({0.1F, 0.3F, 0.2F, 0.3F});
  EXPECT_EQ(choose(*commit_of("threshold:0.9,1"), unsure), (std::vector<int>{1}));
  EXPECT_EQ(choose(*commit_of("threshold:0.9,3"), unsure), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(choose(*commit_of("threshold:0.9,9"), unsure), (std::vector<int>{0, 1, 2, 3}));
  // Floor 0 is what the schedule gives the step, here 2.
  EXPECT_EQ(choose(*commit_of("dynamic:0.9"), unsure), (std::vector<int>{1, 3}));
  EXPECT_EQ(choose(*commit_of("dynamic:0.9"), with_confidence({0.95F, 0.1F, 0.2F})),
            (std::vector<int>{0, 2}));
}

TEST(ThresholdCommit, WithFastDllmsHabitsTakesThoseAtTheBoundToo) {
  const Prediction prediction = with_confidence({0.95F, 0.9F, 0.91F, 0.5F});
  EXPECT_EQ(choose(*commit_of("threshold:0.9", true), prediction), (std::vector<int>{0, 1, 2}));
}

class AQuarter : public Schedule {
  int quota(const StepInBlock&) const override { return 0; }
  float share(const StepInBlock&) const override { return 0.25F; }
};

TEST(BinomialCommit, TakesTheBestOnesAsManyAsAreDrawn) {
  const auto rule = commit_of("binomial");
  Prediction prediction = with_confidence({0.1F, 0.8F, 0.3F, 0.7F, 0.2F, 0.9F, 0.4F, 0.6F});
  prediction.positions = {10, 11, 12, 13, 14, 15, 16, 17};
  SeededNoise noise(1);
  constexpr int kSteps = 4000;
  double sum = 0, squares = 0;
  for (int step = 0; step < kSteps; ++step) {
    const auto chosen = rule->choose(prediction, AQuarter(), {step, kSteps, 8, 8}, step, noise);
    const int count = static_cast<int>(chosen.size());
    EXPECT_EQ(chosen, best_indices(prediction.rank, count));
    sum += count;
    squares += count * count;
  }
  const double mean = sum / kSteps;
  EXPECT_NEAR(mean, 8 * 0.25, 0.1);
  EXPECT_NEAR(squares / kSteps - mean * mean, 8 * 0.25 * 0.75, 0.15);
}

TEST(FactorCommit, TheMoreAtOnceTheSurerEachMustBe) {
  // The bounds for the second, third and fourth are 1 - 1/3, 1 - 1/4 and 1 - 1/5.
  const Prediction prediction = with_confidence({0.5F, 0.72F, 0.76F, 0.9F, 0.1F});
  EXPECT_EQ(choose(*commit_of("factor:1"), prediction), (std::vector<int>{2, 3}));
  EXPECT_EQ(choose(*commit_of("factor:1.2"), prediction), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(choose(*commit_of("factor:0"), prediction), (std::vector<int>{3}));
  EXPECT_EQ(choose(*commit_of("factor:9"), prediction), (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(FactorCommit, WithFastDllmsHabitsTakesALastCandidateThatFails) {
  const Prediction pair = with_confidence({0.9F, 0.1F});
  EXPECT_EQ(choose(*commit_of("factor:1"), pair), (std::vector<int>{0}));
  EXPECT_EQ(choose(*commit_of("factor:1", true), pair), (std::vector<int>{0, 1}));
  const Prediction three = with_confidence({0.9F, 0.1F, 0.2F});
  EXPECT_EQ(choose(*commit_of("factor:1", true), three), (std::vector<int>{0}));
}

TEST(CarryCommit, PutsOffWhatIsNotSureAndGoesOnAfterTheLastStep) {
  const auto rule = commit_of("carry:0.5");
  // Two of the schedule, one of them unsure; then three are looked at, all sure.
  EXPECT_EQ(choose(*rule, with_confidence({0.9F, 0.4F, 0.1F, 0.3F}), 0), (std::vector<int>{0}));
  EXPECT_EQ(choose(*rule, with_confidence({0.6F, 0.7F, 0.8F, 0.9F}), 1),
            (std::vector<int>{1, 2, 3}));
  // The best is never put off; behind the last step there is no quota, only what was put off.
  EXPECT_EQ(choose(*rule, with_confidence({0.2F, 0.1F, 0.3F}), 3), (std::vector<int>{2}));
  EXPECT_EQ(choose(*rule, with_confidence({0.7F, 0.6F}), 4), (std::vector<int>{0}));
}

Prediction with_entropy(const std::vector<float>& entropy, const std::vector<float>& rank) {
  Prediction prediction;
  prediction.entropy = entropy;
  prediction.rank = rank;
  return prediction;
}

TEST(EntropySumCommit, TakesTheLowestWhileTheirSumIsBelowTheBound) {
  const Prediction prediction = with_entropy({0.5F, 0.25F, 1.0F, 0.25F}, {4, 3, 2, 1});
  EXPECT_EQ(choose(*commit_of("entropy-sum:0.51"), prediction), (std::vector<int>{1, 3}));
  EXPECT_EQ(choose(*commit_of("entropy-sum:0.5"), prediction), (std::vector<int>{1}));
  EXPECT_EQ(choose(*commit_of("entropy-sum:0"), prediction), (std::vector<int>{1}));
  EXPECT_EQ(choose(*commit_of("entropy-sum:9"), prediction), (std::vector<int>{0, 1, 2, 3}));
}

TEST(EntropyBoundCommit, TakesTheBestRankedWhileAllButTheLargestEntropySumUpToTheBound) {
  const Prediction prediction = with_entropy({0.5F, 0.25F, 1.0F, 0.25F}, {4, 3, 2, 1});
  // By rank: 0.5; 0.5 + 0.25 without 0.5; 1.75 without 1; 2 without 1.
  EXPECT_EQ(choose(*commit_of("entropy-bound:0"), prediction), (std::vector<int>{0}));
  EXPECT_EQ(choose(*commit_of("entropy-bound:0.25"), prediction), (std::vector<int>{0, 1}));
  EXPECT_EQ(choose(*commit_of("entropy-bound:0.75"), prediction), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(choose(*commit_of("entropy-bound:1"), prediction), (std::vector<int>{0, 1, 2, 3}));
}

TEST(EntropyCommits, CommitAllThatIsLeftInTheLastStep) {
  const Prediction prediction = with_entropy({5, 6, 7}, {1, 1, 1});
  for (const auto& rule : {commit_of("entropy-sum:0.1"), commit_of("entropy-bound:0.1")}) {
    EXPECT_EQ(choose(*rule, prediction, /*step=*/2).size(), 1U);
    EXPECT_EQ(choose(*rule, prediction, /*step=*/3).size(), 3U);
  }
}

TEST(BestIndices, BreaksTiesByPosition) {
  EXPECT_EQ(best_indices({1, 3, 3, 2, 3}, 2), (std::vector<int>{1, 2}));
  EXPECT_EQ(best_indices({1, 2}, 9), (std::vector<int>{0, 1}));
  EXPECT_TRUE(best_indices({}, 1).empty());
}

}  // namespace
}  // namespace unmask
