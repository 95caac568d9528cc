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
  explicit CreditCommit(double bound) : bound_(bound) {}

  bool is_idle(const Schedule&, const StepInBlock& at) const override { return at.candidates == 0; }

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

  std::vector<int> choose(const Prediction& prediction, const Schedule&, const StepInBlock&, int,
                          Noise&) override {
    return surest_indices(prediction.confidence, bound_, 1);
  }

 private:
  using Credits = std::map<int, float>;  // by token

  double bound_;
  std::map<int, Credits> credits_;  // by open position
};

constexpr Parameter kCreditParameters[] = {{.name = "T", .fallback = 0.9}};  // dInfer's

}  // namespace

extern const CommitCard kCreditCommit{
    .rule = {.name = "credit",
             .help = "surer than T, where steady tokens are the surer",
             .parameters = kCreditParameters},
    .make = make_commit_of_one<CreditCommit>,
    .ending = Ending::filled,
};

}  // namespace unmask
