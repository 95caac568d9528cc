#include "rules/register.h"

// One line for each rule, in the order in which help names them; the first is the default.
#define UNMASK_RULES(RULE)  \
  RULE(kQuotaCommit)        \
  RULE(kThresholdCommit)    \
  RULE(kDynamicCommit)      \
  RULE(kFactorCommit)       \
  RULE(kCarryCommit)        \
  RULE(kKlassCommit)        \
  RULE(kCreditCommit)       \
  RULE(kHierarchyCommit)    \
  RULE(kVerifyCommit)       \
  RULE(kEntropySumCommit)   \
  RULE(kEntropyBoundCommit) \
  RULE(kBinomialCommit)     \
  RULE(kBernoulliCommit)    \
  RULE(kAncestralCommit)    \
  RULE(kAnalyticCommit)

namespace unmask {

UNMASK_RULES(UNMASK_DECLARE_COMMIT)

namespace {

constexpr const CommitCard* kCards[] = {UNMASK_RULES(UNMASK_LIST)};

}  // namespace

template <>
std::span<const CommitCard* const> cards<CommitCard>() {
  return kCards;
}

}  // namespace unmask
