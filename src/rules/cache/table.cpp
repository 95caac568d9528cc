#include "rules/register.h"

// One line for each rule, in the order in which help names them; the first is the default.
#define UNMASK_RULES(RULE) \
  RULE(kAutoCache)         \
  RULE(kNoCache)           \
  RULE(kBlockCache)        \
  RULE(kPrefixCache)       \
  RULE(kDualCache)         \
  RULE(kSubBlockCache)     \
  RULE(kDelayedCache)

namespace unmask {

UNMASK_RULES(UNMASK_DECLARE_CACHE)

namespace {

constexpr const CacheCard* kCards[] = {UNMASK_RULES(UNMASK_LIST)};

}  // namespace

template <>
std::span<const CacheCard* const> cards<CacheCard>() {
  return kCards;
}

}  // namespace unmask
