// Hierarchical decoding (dInfer, generate_hierarchy.py): everything surer than a high bound, and of
// each run of neighbouring open positions the surest one, if it is surer than a low bound. Tokens
// written far apart depend little on each other. Where nothing qualifies, the surest of all.
#include <algorithm>

#include "rules/commit/commit.h"

namespace unmask {
namespace {

class HierarchyCommit : public CommitRule {
 public:
  HierarchyCommit(double high, double low)
      : high_(static_cast<float>(high)), low_(static_cast<float>(low)) {}

  bool is_idle(const Schedule&, const StepInBlock& at) const override { return at.candidates == 0; }

  std::vector<int> choose(const Prediction& prediction, const Schedule&, const StepInBlock&, int,
                          Noise&) override {
    const std::vector<float>& confidence = prediction.confidence;
    std::vector<int> chosen;
    for (std::size_t begin = 0, end = 0; begin < confidence.size(); begin = end) {
      end = run_end(prediction.positions, begin);
      std::size_t best = begin;
      for (std::size_t i = begin; i < end; ++i) {
        if (confidence[i] > confidence[best]) best = i;
      }
      for (std::size_t i = begin; i < end; ++i) {
        const float bound = i == best ? std::min(low_, high_) : high_;
        if (confidence[i] > bound) chosen.push_back(static_cast<int>(i));
      }
    }
    return chosen.empty() ? best_indices(confidence, 1) : chosen;
  }

 private:
  /// Index behind the last of the neighbours that follow each other from `begin` on.
  static std::size_t run_end(const std::vector<int>& positions, std::size_t begin) {
    std::size_t end = begin + 1;
    while (end < positions.size() && positions[end] == positions[end - 1] + 1) ++end;
    return end;
  }

  float high_, low_;
};

constexpr Parameter kHierarchyParameters[] = {{.name = "HIGH"}, {.name = "LOW"}};

}  // namespace

extern const CommitCard kHierarchyCommit{
    .rule = {.name = "hierarchy",
             .help = "surer than HIGH, and of each gap the best one if surer than LOW",
             .parameters = kHierarchyParameters},
    .make = [](Values values, const DecodeOptions&) -> std::unique_ptr<CommitRule> {
      return std::make_unique<HierarchyCommit>(values[0], values[1]);
    },
    .ending = Ending::filled,
};

}  // namespace unmask
