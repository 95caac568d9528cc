// What is known of every rule, each in one constant beside its code. Help, texts, errors and checks
// are made of these cards, and nothing else in the program knows a rule by its name.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "rules/distributions.h"
#include "rules/transition.h"
#include "unmask/options.h"

namespace unmask {

class CachePolicy;
class Canvas;
class CommitRule;
class Rule;
class Schedule;

/// One of the numbers behind a rule's name.
struct Parameter {
  enum class Kind {
    at_least_zero,
    share,  ///< above 0 and at most 1
    count,  ///< a whole number from `least` to `most`
  };
  std::string_view name;
  Kind kind = Kind::at_least_zero;
  int least = 0, most = 1 << 20;
  /// What it is where it is left out; none: it may not be. Those that may stand behind the others,
  /// and are left out together.
  std::optional<double> fallback = {};
  /// Left out, it stays as it is where the rule chosen before has one of the same name.
  bool stays = false;
  /// A word for 0, which may be below `least`.
  std::string_view zero = {};
};

/// What every card has.
struct RuleCard {
  std::string_view name;
  std::string_view help = {};  ///< a few words for `--help`; "" where the name says it
  std::span<const Parameter> parameters = {};  ///< at most four
  /// What is wrong with these values together: "not possible: ..."; "" where nothing is.
  std::string_view (*objection)(std::span<const double> values) = nullptr;
  /// The rule that this one is once its last parameter is 0, which that one does not have.
  std::string_view at_zero = {};
};

using Values = std::span<const double>;
using MakeRule = std::unique_ptr<Rule> (*)(const DecodeOptions& options, const Canvas& canvas);

/// Tokens that a pass computes at most, of a canvas and a block of so many.
using PassTokens = std::int64_t (*)(Values values, std::int64_t canvas, std::int64_t block);

/// The noise of the schedules that the reverse process runs in.
struct NoiseProcess {
  double most = 1;  ///< probability that a position is masked at time 1; it falls with the time
  /// BD3-LM: times from 1 to 0 inclusive. The last step leaves nothing open, and nothing is masked
  /// again.
  bool to_zero = false;
};

/// How many positions each denoising step may commit.
struct ScheduleCard {
  RuleCard rule;
  std::unique_ptr<Schedule> (*make)(Values values) = nullptr;  ///< null: it runs in noise
  std::optional<NoiseProcess> noise = {};
  /// Steps of a canvas are shared out rounded up, the same number to every block (dllm).
  bool rounds_up = false;
};

/// How a block ends.
enum class Ending {
  steps,   ///< after its steps, also idle ones
  either,  ///< after its steps, or as soon as nothing is open
  late,    ///< once nothing is open, if need be after its steps, one position at a time at least
  filled,  ///< once nothing is open, whatever the number of steps
};

/// How the reverse process is sampled.
enum class Reverse {
  none,
  ancestral,  ///< what is open at the end gets its most probable token
  analytic,   ///< weights sum to 1; what is open at the end is drawn
};

/// Which of the ordered candidates a step commits.
struct CommitCard {
  RuleCard rule;
  std::unique_ptr<CommitRule> (*make)(Values values, const DecodeOptions& options) = nullptr;
  MakeRule make_whole = nullptr;  ///< for what does not choose among candidates; `make` is null
  Ending ending = Ending::steps;
  bool has_floor = false;  ///< the last parameter is the fewest positions that a step commits
  Needs needs = {};        ///< of what the network says
  bool draws = false;      ///< more steps are better without end
  Reverse reverse = Reverse::none;
  bool caches = true;                ///< goes with a cache of keys and values
  PassTokens pass_tokens = nullptr;  ///< null: the canvas
};

/// When a settled token is final.
enum class Finality { at_once, after_block, at_end };

/// Which settled positions a step may change again.
struct ReviseCard {
  RuleCard rule;
  MakeRule make_whole = nullptr;    ///< null: the rule of the commit card sees to it
  std::string_view goes_with = {};  ///< name of the one commit rule; "": all
  Finality finality = Finality::after_block;
  bool counts_steps = true;  ///< false: goes on until a block is done
  bool caches = true;
  bool full_attention = false;       ///< needs it
  PassTokens pass_tokens = nullptr;  ///< what it adds to those of the commit rule; null: nothing
  /// A step of the reverse process that masks again.
  Transition (*transition)(Values values, const Moment& at) = nullptr;
};

/// Which keys and values are kept between forward passes.
struct CacheCard {
  RuleCard rule;
  std::unique_ptr<CachePolicy> (*make)(Values values) = nullptr;  ///< null: nothing is kept
  std::optional<AttentionKind> attention = {};                    ///< the only one it goes with
  bool sub_blocks = false;                                        ///< needs them
  bool block_alone = false;  ///< passes of a block after the first compute no more than it needs
  bool sees_rest = true;     ///< what lies behind the block is computed in every pass
};

/// All cards of a kind, in the order in which help names them; the first is the default.
template <typename Card>
std::span<const Card* const> cards();
template <>
std::span<const ScheduleCard* const> cards<ScheduleCard>();
template <>
std::span<const CommitCard* const> cards<CommitCard>();
template <>
std::span<const ReviseCard* const> cards<ReviseCard>();
template <>
std::span<const CacheCard* const> cards<CacheCard>();

/// Null where there is none of that name.
template <typename Card>
const Card* find_card(std::string_view name) {
  for (const Card* card : cards<Card>()) {
    if (card->rule.name == name) return card;
  }
  return nullptr;
}

/// The value of the parameter of that name; null where the rule has none.
template <typename Card>
double* find_value(RuleChoice<Card>& choice, std::string_view name) {
  for (std::size_t i = 0; i < choice.card->rule.parameters.size(); ++i) {
    if (choice.card->rule.parameters[i].name == name) return &choice.values[i];
  }
  return nullptr;
}

/// The fewest positions that a step commits.
int commit_floor(const DecodeOptions& options);

/// Whether --steps counts; decoding that goes on until a block is done has no number of steps.
bool counts_steps(const DecodeOptions& options);

/// The cache that is meant: `auto` is `block` under block attention, else `none`.
RuleChoice<CacheCard> cache_of(const DecodeOptions& options);

}  // namespace unmask
