// Everything that the network is surer of than a bound, and at least the best few: a fixed number
// (Fast-dLLM), or what the schedule gives the step (LLaDA2, and SDAR's low_confidence_dynamic).
#include "rules/commit/commit.h"

namespace unmask {
namespace {

class ThresholdCommit : public CommitRule {
 public:
  ThresholdCommit(double bound, int floor, bool at_bound)
      : bound_(static_cast<float>(bound)), floor_(floor), at_bound_(at_bound) {}

  bool is_idle(const Schedule&, const StepInBlock& at) const override { return at.candidates == 0; }

  std::vector<int> choose(const Prediction& prediction, const Schedule& schedule,
                          const StepInBlock& at, int, Noise&) override {
    std::vector<int> sure;
    for (std::size_t i = 0; i < prediction.confidence.size(); ++i) {
      const float confidence = prediction.confidence[i];
      if (confidence > bound_ || (at_bound_ && confidence == bound_)) {
        sure.push_back(static_cast<int>(i));
      }
    }
    const int least = floor_ > 0 ? floor_ : schedule.quota(at);
    if (static_cast<int>(sure.size()) >= least) return sure;
    return best_indices(prediction.rank, least);
  }

 private:
  float bound_;
  int floor_;  // 0: the schedule's
  bool at_bound_;
};

}  // namespace

std::unique_ptr<CommitRule> make_threshold_commit(double bound, int floor, bool at_bound) {
  return std::make_unique<ThresholdCommit>(bound, floor, at_bound);
}

}  // namespace unmask
