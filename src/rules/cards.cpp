#include "rules/cards.h"

namespace unmask {
namespace {

template <typename Card>
RuleChoice<Card> first_card() {
  RuleChoice<Card> choice{cards<Card>().front()};
  std::size_t i = 0;
  for (const Parameter& parameter : choice.card->rule.parameters) {
    choice.values[i++] = parameter.fallback.value_or(0);
  }
  return choice;
}

}  // namespace

template <>
RuleChoice<ScheduleCard> default_rule() {
  return first_card<ScheduleCard>();
}
template <>
RuleChoice<CommitCard> default_rule() {
  return first_card<CommitCard>();
}
template <>
RuleChoice<ReviseCard> default_rule() {
  return first_card<ReviseCard>();
}
template <>
RuleChoice<CacheCard> default_rule() {
  return first_card<CacheCard>();
}

int commit_floor(const DecodeOptions& options) {
  const auto& [card, values] = options.commit;
  return card->has_floor ? static_cast<int>(values[card->rule.parameters.size() - 1]) : 1;
}

bool counts_steps(const DecodeOptions& options) {
  return options.sub_block == 0 && options.revise.card->counts_steps;
}

}  // namespace unmask
