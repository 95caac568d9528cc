#include <stdexcept>

#include "rules/schedule/schedule.h"

namespace unmask {

std::unique_ptr<Schedule> make_schedule(const DecodeOptions& options) {
  switch (options.schedule) {
    case ScheduleKind::even:
      return make_even_schedule();
    case ScheduleKind::block:
      return make_block_schedule();
    case ScheduleKind::dream:
      return make_dream_schedule(options.schedule_eps);
    case ScheduleKind::dllm_linear:
      return make_dllm_schedule(/*cosine=*/false);
    case ScheduleKind::dllm_cosine:
      return make_dllm_schedule(/*cosine=*/true);
    case ScheduleKind::rnd1:
      return make_rnd1_schedule();
    case ScheduleKind::linear:
    case ScheduleKind::loglinear:
    case ScheduleKind::bd3lm:
      break;
  }
  throw std::logic_error("a schedule that counts no positions");
}

}  // namespace unmask
