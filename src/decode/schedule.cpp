#include "decode/schedule.h"

namespace unmask {

std::unique_ptr<Schedule> make_schedule(const DecodeOptions& options) {
  switch (options.schedule) {
    case ScheduleKind::even:
      return make_even_schedule();
    case ScheduleKind::dream:
      return make_dream_schedule(options.schedule_eps);
  }
  return nullptr;
}

}  // namespace unmask
