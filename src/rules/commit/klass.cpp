// KLASS (Kim et al. 2025, llada_klass.py): everything that the network is surer of than a bound and
// whose distribution has settled: the divergence from that of the step before was small twice
// running. Where nothing qualifies, what the schedule gives the step. Only the distributions of the
// open positions are kept.
#include <algorithm>
#include <map>
#include <numeric>

#include "rules/commit/commit.h"

namespace unmask {
namespace {

class KlassCommit : public CommitRule {
 public:
  KlassCommit(double bound, double divergence)
      : bound_(static_cast<float>(bound)), divergence_(divergence) {}

  bool is_idle(const Schedule&, const StepInBlock& at) const override { return at.candidates == 0; }

  std::shared_ptr<const Distributions> look(const Distributions& said) override {
    const std::vector<int>& positions = said.positions();
    std::vector<int> rows(positions.size());
    std::iota(rows.begin(), rows.end(), 0);
    std::vector<RowPair> known;
    for (const int row : rows) {
      const auto before = seen_.find(positions[row]);
      if (before != seen_.end()) known.push_back({row, before->second.row});
    }
    std::map<int, Seen> seen;
    for (const int row : rows) seen[positions[row]] = {row, 0};
    if (!known.empty()) {
      const std::vector<double> divergence = said.divergence(*before_, known);
      for (std::size_t i = 0; i < known.size(); ++i) {
        const int position = positions[known[i].row];
        if (divergence[i] < divergence_) seen[position].small = seen_[position].small + 1;
      }
    }
    seen_ = std::move(seen);
    before_ = said.select(rows);
    return nullptr;
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
    int row;    // of the distributions before
    int small;  // how many divergences up to that step were small
  };

  float bound_;
  double divergence_;
  std::map<int, Seen> seen_;  // by position
  std::shared_ptr<const Distributions> before_;
};

constexpr Parameter kKlassParameters[] = {{.name = "CONF"}, {.name = "KL"}};

}  // namespace

extern const CommitCard kKlassCommit{
    .rule = {.name = "klass",
             .help = "surer than CONF and settled within KL nats",
             .parameters = kKlassParameters},
    .make = [](Values values, const DecodeOptions&) -> std::unique_ptr<CommitRule> {
      return std::make_unique<KlassCommit>(values[0], values[1]);
    },
    .ending = Ending::late,
    .needs = {.divergence = true},
};

}  // namespace unmask
