#include "rules/register.h"

// One line for each rule, in the order in which help names them; the first is the default.
#define UNMASK_RULES(RULE)  \
  RULE(kEvenSchedule)       \
  RULE(kBlockSchedule)      \
  RULE(kDreamSchedule)      \
  RULE(kDllmLinearSchedule) \
  RULE(kDllmCosineSchedule) \
  RULE(kRnd1Schedule)       \
  RULE(kLinearSchedule)     \
  RULE(kLoglinearSchedule)  \
  RULE(kBd3lmSchedule)

namespace unmask {

UNMASK_RULES(UNMASK_DECLARE_SCHEDULE)

namespace {

constexpr const ScheduleCard* kCards[] = {UNMASK_RULES(UNMASK_LIST)};

}  // namespace

template <>
std::span<const ScheduleCard* const> cards<ScheduleCard>() {
  return kCards;
}

}  // namespace unmask
