// dllm's schedules (core/samplers/utils.py): times fall from 1 to 0 in equal steps; the step from t
// to s commits the share 1 - (1 - alpha(s)) / (1 - alpha(t)) of what is masked, rounded to even.
// Steps that would commit nothing are left out, so that the last ones are idle instead. alpha is
// computed in float32, the product in float64, because other precisions round to other counts.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "rules/schedule/schedule.h"

namespace unmask {
namespace {

class DllmSchedule : public Schedule {
 public:
  explicit DllmSchedule(bool cosine) : cosine_(cosine) {}

  int quota(const StepInBlock& at) const override {
    if (at.steps != steps_ || at.open_at_start != masks_) tabulate(at.steps, at.open_at_start);
    return at.step < static_cast<int>(counts_.size()) ? counts_[at.step] : 0;
  }

  float share(const StepInBlock& at) const override {
    const double steps = at.steps;
    return share_between((steps - at.step) / steps, (steps - at.step - 1) / steps);
  }

 private:
  float alpha(double time) const {
    const auto t = static_cast<float>(time);
    if (!cosine_) return 1 - t;
    return 1 - std::cos(static_cast<float>(std::numbers::pi / 2) * (1 - t));
  }

  float share_between(double t, double s) const { return 1 - (1 - alpha(s)) / (1 - alpha(t)); }

  void tabulate(int steps, int masks) const {
    steps_ = steps;
    masks_ = masks;
    counts_.clear();
    int left = masks;
    for (int step = 0; step < steps && left > 0; ++step) {
      const double share = this->share({step, steps, masks, left});
      const int count = std::min(left, static_cast<int>(std::nearbyint(left * share)));
      if (count > 0) counts_.push_back(count);
      left -= count;
    }
  }

  bool cosine_;
  mutable std::vector<int> counts_;  // of the block asked for last
  mutable int steps_ = 0, masks_ = 0;
};

}  // namespace

extern const ScheduleCard kDllmLinearSchedule{
    .rule = {.name = "dllm:linear", .help = "dllm's, without idle steps"},
    .make = [](Values) -> std::unique_ptr<Schedule> {
      return std::make_unique<DllmSchedule>(/*cosine=*/false);
    },
    .rounds_up = true,
};

extern const ScheduleCard kDllmCosineSchedule{
    .rule = {.name = "dllm:cosine"},
    .make = [](Values) -> std::unique_ptr<Schedule> {
      return std::make_unique<DllmSchedule>(/*cosine=*/true);
    },
    .rounds_up = true,
};

}  // namespace unmask
