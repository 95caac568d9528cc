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

constexpr Parameter kThresholdParameters[] = {
    {.name = "T"},
    {.name = "FLOOR", .kind = Parameter::Kind::count, .least = 1, .fallback = 1, .zero = "quota"}};

}  // namespace

extern const CommitCard kThresholdCommit{
    .rule = {.name = "threshold",
             .help = "all surer than T, and at least FLOOR",
             .parameters = kThresholdParameters,
             .at_zero = "dynamic"},
    .make = [](Values values, const DecodeOptions& options) -> std::unique_ptr<CommitRule> {
      return std::make_unique<ThresholdCommit>(values[0], static_cast<int>(values[1]),
                                               options.fast_dllm_habits);
    },
    .ending = Ending::filled,
    .has_floor = true,
};

extern const CommitCard kDynamicCommit{
    .rule = {.name = "dynamic",
             .help = "FLOOR is the schedule's number",
             .parameters = std::span(kThresholdParameters).first<1>()},
    .make = [](Values values, const DecodeOptions& options) -> std::unique_ptr<CommitRule> {
      return std::make_unique<ThresholdCommit>(values[0], 0, options.fast_dllm_habits);
    },
    .ending = Ending::either,
};

}  // namespace unmask
