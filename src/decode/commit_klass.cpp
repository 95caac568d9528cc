// KLASS (Kim et al. 2025, llada_klass.py): everything that the network is surer of than a bound and
// whose distribution has settled: the divergence from that of the step before was small twice
// running. Where nothing qualifies, what the schedule gives the step. Only the distributions of the
// open positions are kept.
#include <ATen/ATen.h>

#include <algorithm>
#include <map>

#include "decode/commit.h"

namespace unmask {
namespace {

/// KL(now || before) of each row, in nats; both are log probabilities, float64 [rows, vocab].
at::Tensor divergences(const at::Tensor& now, const at::Tensor& before) {
  const at::Tensor terms = now.exp() * (now - before);
  return terms.masked_fill(now.exp().eq(0), 0).sum(-1);
}

class KlassCommit : public CommitRule {
 public:
  KlassCommit(double bound, double divergence)
      : bound_(static_cast<float>(bound)), divergence_(divergence) {}

  bool is_idle(const Schedule&, const StepInBlock& at) const override { return at.candidates == 0; }

  at::Tensor look(const at::Tensor& logits, std::span<const int> positions) override {
    const at::Tensor now = logits.to(at::kDouble).log_softmax(-1);
    std::map<int, Seen> seen;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      Seen next{now.select(0, static_cast<std::int64_t>(i)), 0};
      if (const auto last = seen_.find(positions[i]); last != seen_.end()) {
        const bool is_small =
            divergences(next.distribution, last->second.distribution).item<double>() < divergence_;
        next.small = is_small ? last->second.small + 1 : 0;
      }
      seen[positions[i]] = next;
    }
    seen_ = std::move(seen);
    return logits;
  }

  std::vector<int> choose(const Prediction& prediction, const Schedule& schedule,
                          const StepInBlock& at, int, Noise&) override {
    std::vector<int> chosen;
    for (std::size_t i = 0; i < prediction.positions.size(); ++i) {
      const auto seen = seen_.find(prediction.positions[i]);
      const bool settled = seen != seen_.end() && seen->second.small >= kHistory;
      if (settled && prediction.confidence[i] > bound_) chosen.push_back(static_cast<int>(i));
    }
    if (!chosen.empty()) return chosen;
    const int quota = at.step < at.steps ? schedule.quota(at) : 0;
    return best_indices(prediction.rank, std::max(quota, 1));
  }

 private:
  static constexpr int kHistory = 2;  // divergences that have to be small

  /// An open position as of the last step.
  struct Seen {
    at::Tensor distribution;  // log probabilities, float64 [vocab]
    int small;                // how many divergences up to this one were small
  };

  float bound_;
  double divergence_;
  std::map<int, Seen> seen_;  // by position
};

}  // namespace

std::unique_ptr<CommitRule> make_klass_commit(double bound, double divergence) {
  return std::make_unique<KlassCommit>(bound, divergence);
}

}  // namespace unmask
