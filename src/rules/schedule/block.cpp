// LLaDA2's and SDAR's schedule: the length of the block, whatever of it is prompt, spread evenly
// over its steps, the remainder over the first ones. A block that begins within the prompt is done
// in fewer steps.
#include "rules/schedule/schedule.h"

namespace unmask {
namespace {

class BlockSchedule : public Schedule {
 public:
  int quota(const StepInBlock& at) const override {
    return at.length / at.steps + (at.step < at.length % at.steps ? 1 : 0);
  }

  float share(const StepInBlock& at) const override {
    return 1.0F / static_cast<float>(at.steps - at.step);
  }
};

}  // namespace

extern const ScheduleCard kBlockSchedule{
    .rule = {.name = "block", .help = "the length of the block, likewise"},
    .make = make_schedule<BlockSchedule>,
};

}  // namespace unmask
