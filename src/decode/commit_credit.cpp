// Credit decoding (dInfer, parallel_strategy.py): a token that was the best one in earlier steps
// has credit, which is added to its logit, so that what is said steadily is committed sooner. Then
// as `threshold`. Most tokens never are the best, so credit is kept for those that were.
#include <ATen/ATen.h>

#include <cmath>
#include <map>

#include "decode/commit.h"

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

  at::Tensor look(const at::Tensor& logits, std::span<const int> positions) override {
    const auto [best, tokens] = logits.softmax(-1).max(-1);  // [positions]
    at::Tensor with_credit = logits.clone(at::MemoryFormat::Contiguous);
    auto values = with_credit.accessor<float, 2>();
    std::map<int, Credits> credits;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const auto row = static_cast<std::int64_t>(i);
      Credits& own = credits[positions[i]] = std::move(credits_[positions[i]]);
      for (auto& [token, credit] : own) credit *= kDecay;
      own[tokens[row].item<std::int64_t>()] += std::pow(best[row].item<float>(), kPower);
      for (const auto& [token, credit] : own) values[row][token] += kWeight * std::log1p(credit);
    }
    credits_ = std::move(credits);
    return with_credit;
  }

  std::vector<int> choose(const Prediction& prediction, const Schedule& schedule,
                          const StepInBlock& at, int step, Noise& noise) override {
    return threshold_->choose(prediction, schedule, at, step, noise);
  }

 private:
  using Credits = std::map<std::int64_t, float>;  // by token

  std::unique_ptr<CommitRule> threshold_;
  std::map<int, Credits> credits_;  // by open position
};

}  // namespace

std::unique_ptr<CommitRule> make_credit_commit(double bound) {
  return std::make_unique<CreditCommit>(bound);
}

}  // namespace unmask
