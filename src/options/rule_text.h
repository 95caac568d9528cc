// A rule as a person types it: "edit:0.9,16" is a name and its parameters.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "rules/cards.h"

namespace unmask {

/// A rule of a table, and its parameters.
struct ReadRule {
  std::size_t index;
  std::array<double, 4> values;
};

/// "threshold:T[,FLOOR]"
std::string form_of(const RuleCard& card);

/// Reads the text of one of `rules`. `before` is the rule chosen until then, with its values.
/// Throws Error{usage} that says what is allowed.
ReadRule read_rule(std::string_view text, const std::vector<const RuleCard*>& rules,
                   const RuleCard& before, Values values_before);

/// "threshold:0.9,1"
std::string rule_text(const RuleCard& card, Values values);

/// "quota (the first ones), threshold:T[,FLOOR] (all surer than T, and at least FLOOR), ..."
std::string rules_text(const std::vector<const RuleCard*>& rules);

template <typename Card>
std::vector<const RuleCard*> rule_cards() {
  std::vector<const RuleCard*> rules;
  for (const Card* card : cards<Card>()) rules.push_back(&card->rule);
  return rules;
}

template <typename Card>
void set_rule(RuleChoice<Card>& choice, std::string_view text) {
  const auto [index, values] =
      read_rule(text, rule_cards<Card>(), choice.card->rule, choice.values);
  choice = {cards<Card>()[index], values};
}

template <typename Card>
std::string rule_text(const RuleChoice<Card>& choice) {
  return rule_text(choice.card->rule, choice.values);
}

/// Changes the fewest positions that a step commits: the last parameter of the rules that have it,
/// which is 0 in those that leave it to the schedule.
void set_floor(RuleChoice<CommitCard>& choice, int floor);

}  // namespace unmask
