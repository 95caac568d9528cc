#include "options/rule_text.h"

#include <algorithm>

#include "options/values.h"

namespace unmask {
namespace {

using Texts = std::vector<std::string_view>;

/// What stands between the commas behind the name.
Texts split(std::string_view text, std::size_t name) {
  Texts texts;
  for (std::size_t end = name; end < text.size(); end += texts.back().size()) {
    const std::string_view rest = text.substr(++end);  // behind the separator
    texts.push_back(rest.substr(0, rest.find(',')));
  }
  return texts;
}

std::size_t index_of(std::string_view name, const std::vector<const RuleCard*>& rules) {
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const RuleCard* rule) { return rule->name == name; });
  return static_cast<std::size_t>(found - rules.begin());
}

/// The rule with the longest name that the text is, or begins with before a colon.
std::size_t find_rule(std::string_view text, const std::vector<const RuleCard*>& rules) {
  for (std::size_t end = text.size();; end = text.rfind(':', end - 1)) {
    const std::size_t index = index_of(text.substr(0, end), rules);
    if (index < rules.size()) return index;
    if (text.substr(0, end).find(':') == std::string_view::npos) break;
  }
  std::string known;
  for (const RuleCard* rule : rules) {
    known += (known.empty() ? "'" : ", '") + std::string(rule->name) + "'";
  }
  refuse_value(text.substr(0, text.find(':')), "none of " + known);
}

std::size_t required(const RuleCard& card) {
  return static_cast<std::size_t>(
      std::ranges::count_if(card.parameters, [](const Parameter& each) { return !each.fallback; }));
}

double read_value(std::string_view text, const Parameter& parameter) {
  if (!parameter.zero.empty() && text == parameter.zero) return 0;
  switch (parameter.kind) {
    case Parameter::Kind::share:
      return parse_share(text);
    case Parameter::Kind::count:
      return parse_int(text, parameter.least, parameter.most);
    case Parameter::Kind::at_least_zero:
      break;
  }
  return parse_at_least_zero(text);
}

/// What a parameter is where it is left out.
double left_out(const Parameter& parameter, const RuleCard& before, Values values_before) {
  for (std::size_t i = 0; parameter.stays && i < before.parameters.size(); ++i) {
    if (before.parameters[i].name == parameter.name) return values_before[i];
  }
  return *parameter.fallback;
}

}  // namespace

std::string form_of(const RuleCard& card) {
  std::string form(card.name);
  const std::size_t needed = required(card);
  for (std::size_t i = 0; i < card.parameters.size(); ++i) {
    if (i == needed) form += '[';
    form += (i == 0 ? ":" : ",") + std::string(card.parameters[i].name);
  }
  return needed < card.parameters.size() ? form + ']' : form;
}

ReadRule read_rule(std::string_view text, const std::vector<const RuleCard*>& rules,
                   const RuleCard& before, Values values_before) {
  ReadRule read{find_rule(text, rules), {}};
  const RuleCard& card = *rules[read.index];
  const std::span<const Parameter> parameters = card.parameters;
  const Texts texts = split(text, card.name.size());
  const bool dangling = std::ranges::count(texts, "") > 0;
  if (dangling || (texts.size() != required(card) && texts.size() != parameters.size())) {
    refuse_value(text, "not of the form " + form_of(card) +
                           (parameters.empty() ? ", without a parameter" : ""));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    read.values[i] = i < texts.size() ? read_value(texts[i], parameters[i])
                                      : left_out(parameters[i], before, values_before);
  }
  const std::string_view objection = card.objection ? card.objection(read.values) : "";
  if (!objection.empty()) refuse_value(text, std::string(objection));
  if (!card.at_zero.empty() && read.values[parameters.size() - 1] == 0) {
    read.index = index_of(card.at_zero, rules);
  }
  return read;
}

std::string rule_text(const RuleCard& card, Values values) {
  std::string text(card.name);
  for (std::size_t i = 0; i < card.parameters.size(); ++i) {
    const bool whole = card.parameters[i].kind == Parameter::Kind::count;
    text += (i == 0 ? ":" : ",") +
            (whole ? std::to_string(static_cast<int>(values[i])) : number_text(values[i]));
  }
  return text;
}

std::string rules_text(const std::vector<const RuleCard*>& rules) {
  std::string text;
  for (const RuleCard* rule : rules) {
    text += (text.empty() ? "" : ", ") + form_of(*rule);
    if (!rule->help.empty()) text += " (" + std::string(rule->help) + ")";
  }
  return text;
}

void set_floor(RuleChoice<CommitCard>& choice, int floor) {
  for (const CommitCard* card : cards<CommitCard>()) {
    if (!card->has_floor) continue;
    const std::size_t last = card->rule.parameters.size() - 1;
    const bool at_zero = choice.name() == card->rule.at_zero;
    if (choice.card != card && !at_zero) continue;
    choice.card = floor == 0 ? find_card<CommitCard>(card->rule.at_zero) : card;
    choice.values[last] = floor;
    return;
  }
}

}  // namespace unmask
