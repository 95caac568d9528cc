// RND1's schedule (sampling.py): after step i of N the share (N - 1 - i) / N of the first masks is
// still masked, rounded down; in float32, as there.
#include <algorithm>

#include "rules/schedule/schedule.h"

namespace unmask {
namespace {

class Rnd1Schedule : public Schedule {
 public:
  int quota(const StepInBlock& at) const override {
    const int kept = masked_after(at.steps - 1 - at.step, at);
    return std::max(at.candidates - kept, 0);
  }

  float share(const StepInBlock& at) const override {
    return static_cast<float>(quota(at)) / static_cast<float>(std::max(at.candidates, 1));
  }

 private:
  static int masked_after(int steps_left, const StepInBlock& at) {
    const float share = static_cast<float>(steps_left) / static_cast<float>(at.steps);
    return static_cast<int>(static_cast<float>(at.open_at_start) * share);
  }
};

}  // namespace

extern const ScheduleCard kRnd1Schedule{
    .rule = {.name = "rnd1", .help = "RND1's"},
    .make = make_schedule<Rnd1Schedule>,
};

}  // namespace unmask
