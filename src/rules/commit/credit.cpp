// Credit decoding (dInfer, parallel_strategy.py): a token that was the best one in earlier steps
// has credit, which is added to its logit, so that what is said steadily is committed sooner. Then
// as `threshold`. Most tokens never are the best, so credit is kept for those that were.
#include <cmath>
#include <map>

#include "rules/commit/commit.h"

namespace unmask {
namespace {

constexpr float kWeight = 0.7F;  // alpha: of the credit in the logits
constexpr float kPower = 0.2F;   // gamma: credit that a best token gets is its probability to this
constexpr float kDecay = 0.8F;   // beta: what is left of credit after a step

class CreditCommit : public CommitRule {
 public:
  explicit CreditCommit(double bound) : threshold_(make_threshold_commit(bound, 1, false)) {}

  bool is_idle(const Schedule& schedule, const StepInBlock& at) const override {
    return threshold_->is_idle(schedule, at);
  }

  std::shared_ptr<const Distributions> look(const Distributions& said) override {
    const std::vector<RowToken> best = said.best();
    const std::vector<float> probability = said.probability(best);
    std::map<int, Credits> credits;
    std::vector<Bonus> bonuses;
    for (std::size_t i = 0; i < best.size(); ++i) {
      const int position = said.positions()[i];
      Credits& own = credits[position] = std::move(credits_[position]);
      for (auto& [token, credit] : own) credit *= kDecay;
      own[best[i].token] += std::pow(probability[i], kPower);
      for (const auto& [token, credit] : own) {
        bonuses.push_back({best[i].row, token, kWeight * std::log1p(credit)});
      }
    }
    credits_ = std::move(credits);
    return said.with(bonuses);
  }

  std::vector<int> choose(const Prediction& prediction, const Schedule& schedule,
                          const StepInBlock& at, int step, Noise& noise) override {
    return threshold_->choose(prediction, schedule, at, step, noise);
  }

 private:
  using Credits = std::map<int, float>;  // by token

  std::unique_ptr<CommitRule> threshold_;
  std::map<int, Credits> credits_;  // by open position
};

}  // namespace

std::unique_ptr<CommitRule> make_credit_commit(double bound) {
  return std::make_unique<CreditCommit>(bound);
}

}  // namespace unmask
