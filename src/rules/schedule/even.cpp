// LLaDA's get_num_transfer_tokens (generate.py): the masks that a block has when its first step
// begins, spread evenly over its steps, the remainder over the first ones.
#include "rules/schedule/schedule.h"

namespace unmask {
namespace {

class EvenSchedule : public Schedule {
 public:
  int quota(const StepInBlock& at) const override {
    return at.open_at_start / at.steps + (at.step < at.open_at_start % at.steps ? 1 : 0);
  }

  float share(const StepInBlock& at) const override {
    return 1.0F / static_cast<float>(at.steps - at.step);
  }
};

}  // namespace

extern const ScheduleCard kEvenSchedule{
    .rule = {.name = "even", .help = "what is open, spread over the steps"},
    .make = make_schedule<EvenSchedule>,
};

}  // namespace unmask
