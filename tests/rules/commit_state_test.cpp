// Commit rules that remember earlier steps, and those that look at the neighbours.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "rules/commit/commit.h"
#include "rules/named_rules.h"
#include "rules/scripted_network.h"

namespace unmask {
namespace {

/// A schedule that gives every step two positions.
class TwoPerStep : public Schedule {
  int quota(const StepInBlock&) const override { return 2; }
  float share(const StepInBlock&) const override { return 0; }
};

/// Positions from 0 on with these confidences, ranked by them.
Prediction with_confidence(const std::vector<float>& confidence) {
  Prediction prediction;
  prediction.positions.resize(confidence.size());
  std::iota(prediction.positions.begin(), prediction.positions.end(), 0);
  prediction.tokens.assign(confidence.size(), 0);
  prediction.confidence = prediction.rank = confidence;
  return prediction;
}

std::vector<int> choose(CommitRule& rule, const Prediction& prediction, int step) {
  SeededNoise noise(1);
  return rule.choose(prediction, TwoPerStep(), {step, /*steps=*/4, 4, 4}, step, noise);
}

using testing::commit_of;
using testing::ScriptedDistributions;

/// Distributions of these probabilities, [positions, ids].
ScriptedDistributions said(const std::vector<int>& positions,
                           std::vector<std::vector<float>> probabilities) {
  for (auto& row : probabilities) {
    for (float& value : row) value = std::log(value);
  }
  return {positions, probabilities, /*mask_id=*/0};
}

/// What a rule adds to the logits of the first row.
std::vector<float> added(CommitRule& rule, const ScriptedDistributions& seen) {
  const auto changed = rule.look(seen);
  std::vector<float> row = dynamic_cast<const ScriptedDistributions&>(*changed).logits()[0];
  for (std::size_t i = 0; i < row.size(); ++i) row[i] -= seen.logits()[0][i];
  return row;
}

TEST(KlassCommit, WaitsUntilTheDistributionWasTheSameThreeTimes) {
  const auto rule = commit_of("klass:0.6,0.01");
  const std::vector<int> positions{0, 1, 2};
  // Position 0 stays; 1 jumps at step 1, then stays; 2 stays but is unsure.
  const std::vector<std::vector<float>> before{{0.7F, 0.3F}, {0.9F, 0.1F}, {0.5F, 0.5F}};
  const std::vector<std::vector<float>> after{{0.7F, 0.3F}, {0.6F, 0.4F}, {0.5F, 0.5F}};
  const Prediction sure = with_confidence({0.7F, 0.95F, 0.5F});
  const auto step = [&](const auto& probabilities, int number) {
    EXPECT_EQ(rule->look(said(positions, probabilities)), nullptr);
    return choose(*rule, sure, number);
  };
  EXPECT_EQ(step(before, 0), (std::vector<int>{0, 1}));  // nothing to compare with: the quota
  EXPECT_EQ(step(after, 1), (std::vector<int>{0, 1}));   // one comparison is not enough
  EXPECT_EQ(step(after, 2), (std::vector<int>{0}));      // 1 has been the same but once
  EXPECT_EQ(step(after, 3), (std::vector<int>{0, 1}));
}

TEST(KlassCommit, ComparesTheDivergenceFromTheStepBefore) {
  // KL((0.5, 0.5) || (0.6, 0.4)) = 0.5 ln(0.5 / 0.6) + 0.5 ln(0.5 / 0.4) = 0.02041; the other way
  // round it is 0.02014.
  for (const auto& [bound, expected] :
       {std::pair{"0.0205", std::vector<int>{0}}, std::pair{"0.0203", std::vector<int>{0, 1}}}) {
    const auto rule = commit_of("klass:0.4," + std::string(bound));
    const std::vector<int> positions{0, 1};
    (void)rule->look(said(positions, {{0.5F, 0.5F}, {0.9F, 0.1F}}));
    (void)rule->look(said(positions, {{0.6F, 0.4F}, {0.1F, 0.9F}}));
    (void)rule->look(said(positions, {{0.6F, 0.4F}, {0.9F, 0.1F}}));
    (void)rule->look(said(positions, {{0.5F, 0.5F}, {0.1F, 0.9F}}));
    // Where nothing qualifies, the quota is taken: both.
    EXPECT_EQ(choose(*rule, with_confidence({0.5F, 0.9F}), 3), expected) << bound;
  }
}

TEST(KlassCommit, AfterTheLastStepOfTheScheduleGoesOnOneByOne) {
  const auto rule = commit_of("klass:0.6,0.01");
  EXPECT_EQ(choose(*rule, with_confidence({0.3F, 0.5F}), 4), (std::vector<int>{1}));
}

TEST(CreditCommit, AddsTheCreditOfTokensThatWereTheBestOnes) {
  const auto rule = commit_of("credit:0.9");
  const ScriptedDistributions steady = said({5}, {{0.6F, 0.3F, 0.1F}});
  const double first = std::pow(0.6, 0.2), second = 0.8 * first + std::pow(0.6, 0.2);
  const std::vector<float> after_one = added(*rule, steady);
  EXPECT_NEAR(after_one[0], 0.7 * std::log1p(first), 1e-5);
  EXPECT_EQ(after_one[1], 0);
  EXPECT_NEAR(added(*rule, steady)[0], 0.7 * std::log1p(second), 1e-5);
  // Another best token: the first one's credit decays.
  const std::vector<float> after_three = added(*rule, said({5}, {{0.3F, 0.6F, 0.1F}}));
  EXPECT_NEAR(after_three[0], 0.7 * std::log1p(0.8 * second), 1e-5);
  EXPECT_NEAR(after_three[1], 0.7 * std::log1p(first), 1e-5);
  // A position seen for the first time has none yet.
  EXPECT_NEAR(added(*rule, said({6}, {{0.6F, 0.3F, 0.1F}}))[0], 0.7 * std::log1p(first), 1e-5);
}

TEST(CreditCommit, CommitsAsAThreshold) {
  const auto rule = commit_of("credit:0.9");
  EXPECT_EQ(choose(*rule, with_confidence({0.95F, 0.5F, 0.91F}), 0), (std::vector<int>{0, 2}));
  EXPECT_EQ(choose(*rule, with_confidence({0.2F, 0.5F, 0.4F}), 0), (std::vector<int>{1}));
}

TEST(HierarchyCommit, TakesTheBestOfEachRunOfNeighbours) {
  const auto rule = commit_of("hierarchy:0.9,0.4");
  Prediction prediction = with_confidence({0.5F, 0.6F, 0.95F, 0.3F, 0.2F, 0.5F, 0.5F});
  prediction.positions = {2, 3, 4, 7, 8, 10, 11};
  // 4 is surer than 0.9 and the best of 2 to 4; 7 and 8 are too unsure; of 10 and 11 the first.
  EXPECT_EQ(choose(*rule, prediction, 0), (std::vector<int>{2, 5}));
  prediction.confidence[0] = 0.92F;
  EXPECT_EQ(choose(*rule, prediction, 0), (std::vector<int>{0, 2, 5}));
}

TEST(HierarchyCommit, TakesTheSurestOfAllWhereNothingQualifies) {
  const auto rule = commit_of("hierarchy:0.9,0.4");
  EXPECT_EQ(choose(*rule, with_confidence({0.1F, 0.4F, 0.4F}), 0), (std::vector<int>{1}));
}

}  // namespace
}  // namespace unmask
