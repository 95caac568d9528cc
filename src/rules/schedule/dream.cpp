// Dream's schedule (generation_utils.py): times fall from 1 to eps in equal steps, and the step
// from t to s reveals the share 1 - s/t of what is still masked; the last step reveals the rest.
// All in float32, because the counts are truncated and another precision gives other counts.
#include "rules/schedule/schedule.h"
#include "rules/schedule/times.h"

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

  float time(int index, int steps) const { return linspace(eps_, steps + 1, index); }

  float eps_;
};

}  // namespace

extern const ScheduleCard kDreamSchedule{
    .rule = {.name = "dream", .help = "times from 1 to EPS", .parameters = kLastTime},
    .make = [](Values values) -> std::unique_ptr<Schedule> {
      return std::make_unique<DreamSchedule>(values[0]);
    },
};

}  // namespace unmask
