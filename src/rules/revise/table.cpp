#include "rules/register.h"

// One line for each rule, in the order in which help names them; the first is the default.
#define UNMASK_RULES(RULE)  \
  RULE(kNoRevise)           \
  RULE(kEditRevise)         \
  RULE(kWinoRevise)         \
  RULE(kP2Revise)           \
  RULE(kRemdmCapRevise)     \
  RULE(kRemdmRescaleRevise) \
  RULE(kRemdmConfRevise)    \
  RULE(kRemdmLoopRevise)

namespace unmask {

UNMASK_RULES(UNMASK_DECLARE_REVISE)

namespace {

constexpr const ReviseCard* kCards[] = {UNMASK_RULES(UNMASK_LIST)};

}  // namespace

template <>
std::span<const ReviseCard* const> cards<ReviseCard>() {
  return kCards;
}

}  // namespace unmask
