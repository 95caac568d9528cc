// Dream's schedule (generation_utils.py): times fall from 1 to eps in equal steps, and the step
// from t to s reveals the share 1 - s/t of what is still masked; the last step reveals the rest.
// All in float32, because the counts are truncated and another precision gives other counts.
#include <cmath>

#include "decode/schedule.h"

namespace unmask {
namespace {

class DreamSchedule : public Schedule {
 public:
  explicit DreamSchedule(double eps) : eps_(static_cast<float>(eps)) {}

  int quota(const StepInBlock& at) const override {
    const auto masks = static_cast<float>(at.candidates);
    return static_cast<int>(is_last(at) ? masks : masks * share(at));
  }

  float share(const StepInBlock& at) const override {
    if (is_last(at)) return 1;
    return 1 - time(at.step + 1, at.steps) / time(at.step, at.steps);
  }

 private:
  static bool is_last(const StepInBlock& at) { return at.step == at.steps - 1; }

  /// Element `index` of torch.linspace(1, eps, steps + 1), which counts its second half from the
  /// end and rounds once per element (fused multiply-add).
  float time(int index, int steps) const {
    const float difference = (eps_ - 1) / static_cast<float>(steps);
    if (index < (steps + 1) / 2) return std::fma(difference, static_cast<float>(index), 1.0F);
    return std::fma(-difference, static_cast<float>(steps - index), eps_);
  }

  float eps_;
};

}  // namespace

std::unique_ptr<Schedule> make_dream_schedule(double eps) {
  return std::make_unique<DreamSchedule>(eps);
}

}  // namespace unmask
