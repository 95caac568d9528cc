// Commit rules that spend a budget of entropy per step. Both commit at least one position, and in
// the last step of a block all that is left. Sums are float32, as the references'.
#include <algorithm>
#include <numeric>

#include "rules/commit/commit.h"

namespace unmask {
namespace {

/// Indices by `values`, smallest first; equal ones by ascending index.
std::vector<int> ascending(const std::vector<float>& values) {
  std::vector<int> indices(values.size());
  std::iota(indices.begin(), indices.end(), 0);
  std::stable_sort(indices.begin(), indices.end(),
                   [&](int a, int b) { return values[a] < values[b]; });
  return indices;
}

class EntropyCommit : public CommitRule {
 public:
  explicit EntropyCommit(double bound) : bound_(static_cast<float>(bound)) {}

  bool is_idle(const Schedule&, const StepInBlock& at) const override { return at.candidates == 0; }

  std::vector<int> choose(const Prediction& prediction, const Schedule&, const StepInBlock& at, int,
                          Noise&) override {
    std::vector<int> order = ordered(prediction);
    const bool is_last = at.step == at.steps - 1;
    if (!is_last) order.resize(std::min(affordable(prediction, order), order.size()));
    std::sort(order.begin(), order.end());
    return order;
  }

 protected:
  virtual std::vector<int> ordered(const Prediction& prediction) const = 0;

  /// How many of the ordered positions the bound allows, at least 1.
  virtual std::size_t affordable(const Prediction& prediction,
                                 const std::vector<int>& order) const = 0;

  float bound_;
};

/// SDAR's entropy_bounded (JetEngine's scheduler.py): the lowest entropies, as long as their sum is
/// below the bound.
class EntropySumCommit : public EntropyCommit {
  using EntropyCommit::EntropyCommit;

  std::vector<int> ordered(const Prediction& prediction) const override {
    return ascending(prediction.entropy);
  }

  std::size_t affordable(const Prediction& prediction,
                         const std::vector<int>& order) const override {
    float sum = 0;
    std::size_t count = 0;
    for (; count < order.size(); ++count) {
      sum += prediction.entropy[order[count]];
      if (sum >= bound_) break;
    }
    return std::max<std::size_t>(count, 1);
  }
};

/// EB-Sampler (Ben-Hamu et al. 2025), and RND1's eb_gamma: the best ranked, as long as their
/// entropies without the largest sum up to no more than the bound. That sum limits how much the
/// tokens, drawn independently, can depend on each other.
class EntropyBoundCommit : public EntropyCommit {
  using EntropyCommit::EntropyCommit;

  std::vector<int> ordered(const Prediction& prediction) const override {
    std::vector<float> error = prediction.rank;
    for (float& value : error) value = -value;
    return ascending(error);
  }

  std::size_t affordable(const Prediction& prediction,
                         const std::vector<int>& order) const override {
    float sum = 0, largest = 0;
    std::size_t count = 0;
    for (; count < order.size(); ++count) {
      const float entropy = prediction.entropy[order[count]];
      sum += entropy;
      largest = std::max(largest, entropy);
      if (sum - largest > bound_) break;
    }
    return std::max<std::size_t>(count, 1);
  }
};

constexpr Parameter kEntropyParameters[] = {{.name = "G"}};

}  // namespace

extern const CommitCard kEntropySumCommit{
    .rule = {.name = "entropy-sum",
             .help = "as long as their entropies sum up to less than G",
             .parameters = kEntropyParameters},
    .make = make_commit_of_one<EntropySumCommit>,
    .needs = {.entropy = true},
};

extern const CommitCard kEntropyBoundCommit{
    .rule = {.name = "entropy-bound",
             .help = "as long as those before the last do",
             .parameters = kEntropyParameters},
    .make = make_commit_of_one<EntropyBoundCommit>,
    .needs = {.entropy = true},
};

}  // namespace unmask
