#include "decode/torch_distributions.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace unmask {
namespace {

/// Distributions of these probabilities, at positions from 10 on.
class Said : public ::testing::Test {
 protected:
  TorchDistributions said(const std::vector<std::vector<float>>& probabilities, Needs needs = {}) {
    std::vector<at::Tensor> rows;
    std::vector<int> positions;
    for (const auto& row : probabilities) {
      positions.push_back(10 + static_cast<int>(rows.size()));
      rows.push_back(at::tensor(row, at::kFloat).log());
    }
    return {at::stack(rows), positions, mask_, needs, /*step=*/0};
  }

  DecodeOptions options_ = [] {
    DecodeOptions options;
    options.suppress = {1};
    return options;
  }();
  TokenMask mask_{options_, {/*size=*/4, /*mask_id=*/0}};
  SeededNoise noise_{1};
};

TEST_F(Said, TheBestIdAndProbabilitiesAreTheNetworksOwn) {
  const auto seen = said({{0.5F, 0.2F, 0.2F, 0.1F}, {0.1F, 0.6F, 0.2F, 0.1F}});
  const std::vector<RowToken> best = seen.best();  // the mask, and an id that is suppressed
  EXPECT_EQ(best[0].token, 0);
  EXPECT_EQ(best[1].token, 1);
  const std::vector<RowToken> asked{{1, 1}, {0, 3}, {0, 0}};
  const std::vector<float> probability = seen.probability(asked);
  EXPECT_NEAR(probability[0], 0.6, 1e-6);
  EXPECT_NEAR(probability[1], 0.1, 1e-6);
  EXPECT_NEAR(probability[2], 0.5, 1e-6);
  EXPECT_EQ(seen.predict({}, 0, noise_).tokens, (std::vector<int>{2, 2}));
}

TEST_F(Said, ASelectionHasTheRowsAndPositionsOfItsIndices) {
  const auto seen = said({{0, 0, 1, 0}, {0, 0, 0, 1}, {0, 0, 1, 0}, {0, 0, 0, 1}});
  for (const std::vector<int>& rows : {std::vector<int>{1, 2}, {0, 3}, {2}, {0, 1, 2, 3}}) {
    const Prediction some = seen.select(rows)->predict({}, 0, noise_);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(some.positions[i], 10 + rows[i]);
      EXPECT_EQ(some.tokens[i], rows[i] % 2 == 0 ? 2 : 3);
    }
  }
}

TEST_F(Said, DivergenceComparesRowsOfTwoStepsInNats) {
  const Needs needs{.divergence = true};
  const auto before = said({{0.25F, 0.25F, 0.25F, 0.25F}, {0.6F, 0.4F, 0, 0}}, needs);
  const auto now = said({{0.5F, 0.5F, 0, 0}}, needs);
  const std::vector<RowPair> pairs{{0, 0}, {0, 1}};
  const std::vector<double> divergence =
      now.divergence(*before.select(std::vector<int>{0, 1}), pairs);
  EXPECT_NEAR(divergence[0], std::log(2.0), 1e-6);
  EXPECT_NEAR(divergence[1], 0.5 * std::log(0.5 / 0.6) + 0.5 * std::log(0.5 / 0.4), 1e-6);
}

TEST_F(Said, ABonusChangesOneLogitAndLeavesTheFirstAsItIs) {
  const auto seen = said({{0.1F, 0.1F, 0.5F, 0.3F}});
  const std::vector<Bonus> bonuses{{0, 3, 1.0F}};
  const auto changed = seen.with(bonuses);
  EXPECT_EQ(changed->predict({}, 0, noise_).tokens[0], 3);
  EXPECT_EQ(seen.predict({}, 0, noise_).tokens[0], 2);
  const std::vector<RowToken> third{{0, 3}};
  const double raised = 0.3 * std::exp(1.0);
  EXPECT_NEAR(changed->probability(third)[0], raised / (0.7 + raised), 1e-6);
}

TEST_F(Said, JudgingMayChooseTheMaskButNothingThatIsSuppressed) {
  const auto seen = said({{0.3F, 0.5F, 0.1F, 0.1F}});
  EXPECT_EQ(seen.predict(Sampling().judging(), 0, noise_).tokens[0], 0);
}

TEST_F(Said, TheMeanLeadIsOfWhatCanBeWritten) {
  // Ids 2 and 3 are left: leads of ln 2 and ln 4.
  const auto seen = said({{0.5F, 0.2F, 0.2F, 0.1F}, {0.4F, 0.1F, 0.1F, 0.4F}});
  EXPECT_NEAR(seen.mean_lead(), std::log(8.0) / 2, 1e-6);
}

}  // namespace
}  // namespace unmask
