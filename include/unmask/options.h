// How a canvas is decoded: the resolved options, and the table of their names and ranges.
// `--help`, batch lines and presets all go through the table, so they agree and need no engine.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace unmask {

/// Which open positions are committed first.
enum class Order {
  confidence,  ///< probability of the chosen token, highest first
  margin,      ///< probability of the best token minus that of the second, highest first
  entropy,     ///< entropy of the distribution, lowest first
  random,      ///< uniformly random
  left,        ///< leftmost first
};

// What is known of each rule: names, parameters, and what it goes with. In src/rules/cards.h.
struct ScheduleCard;
struct CommitCard;
struct ReviseCard;
struct CacheCard;

/// A rule of one of these kinds, and its parameters in the card's order.
template <typename Card>
struct RuleChoice {
  const Card* card;  ///< never null
  std::array<double, 4> values = {};

  std::string_view name() const { return card->rule.name; }
  bool operator==(const RuleChoice&) const = default;
};

/// The rules that hold where nothing is said: even, quota, none, auto.
template <typename Card>
RuleChoice<Card> default_rule();
template <>
RuleChoice<ScheduleCard> default_rule();
template <>
RuleChoice<CommitCard> default_rule();
template <>
RuleChoice<ReviseCard> default_rule();
template <>
RuleChoice<CacheCard> default_rule();

/// Where the borders of the blocks lie.
enum class BlockGrid {
  prompt,    ///< the first block begins where the prompt ends
  absolute,  ///< at multiples of the block length; the first one may begin within the prompt, and
             ///< the last one is written whole
};

/// What the number of steps counts.
enum class StepsPer { canvas, block };

/// What a position sees.
enum class AttentionKind {
  full,   ///< the whole canvas
  block,  ///< its own block and those before it
};

/// How a token is drawn when the temperature is above zero, and of which distribution the
/// confidence is taken.
enum class Sampler {
  gumbel,       ///< LLaDA: Gumbel-max in float64; confidence under the network's own distribution
  categorical,  ///< Dream: from the tempered, filtered distribution; confidence under that one
};

/// Everything that decides what is written for given logits. Resolved: no field is "unset".
struct DecodeOptions {
  // The canvas.

  /// Tokens to generate after the prompt. 0 only fills the open positions of the given ids.
  int length = 128;

  /// Block length in tokens; blocks are finished from left to right, a last one may be shorter.
  /// 0 is the whole canvas.
  int block = 0;

  BlockGrid grid = BlockGrid::prompt;

  /// Length of the parts in which a block is finished (Fast-dLLM v2). 0: blocks have no parts.
  int sub_block = 0;

  AttentionKind attention = AttentionKind::full;

  // The denoising steps.

  /// Denoising steps. 0 is one per token of what is counted.
  int steps = 0;
  StepsPer steps_per = StepsPer::canvas;

  /// Which of the open positions come first, how many of them a step may commit, and which it does.
  Order order = Order::confidence;
  RuleChoice<ScheduleCard> schedule = default_rule<ScheduleCard>();
  RuleChoice<CommitCard> commit = default_rule<CommitCard>();

  /// A confidence equal to the bound counts as above it, and `factor` commits the last candidate
  /// even though it fails the test: Fast-dLLM's habits, which its preset sets.
  bool fast_dllm_habits = false;

  /// The first pass of a block settles nothing but its first position (Fast-dLLM's blocks for
  /// Dream).
  bool first_alone = false;

  /// Which settled positions a step may change again.
  RuleChoice<ReviseCard> revise = default_rule<ReviseCard>();

  /// The network is told the noise level, so that its prediction changes from step to step though
  /// the canvas does not (MDLM and BD3-LM with time conditioning). The engine sets it for them.
  bool noise_conditioned = false;

  /// Which keys and values are kept between forward passes.
  RuleChoice<CacheCard> cache = default_rule<CacheCard>();

  // Sampling.

  Sampler sampler = Sampler::gumbel;

  /// 0 takes the most probable token.
  double temperature = 0;

  /// Only the `top_k` most probable tokens can be drawn. 0 is all of them.
  int top_k = 0;

  /// Only the most probable tokens that together reach this probability can be drawn. 1 is all.
  double top_p = 1;

  /// top-p is taken of what top-k has left (SDAR, RND1) instead of the other way round (Dream).
  bool top_k_first = false;

  /// Randomness in the choice of positions: they are drawn from softmax(rank value / temperature).
  /// 0 takes the best ones.
  double order_temperature = 0;

  /// Classifier-free guidance scale; above 0 every step costs a second forward pass, in which the
  /// known positions of the prompt are masked.
  double guidance = 0;

  /// Ids of the prompt that stay unmasked in guidance's second pass.
  std::vector<int> guidance_keep;

  /// Ids that are never written, and ids that count as least sure.
  std::vector<int> suppress, suppress_order;

  // The end of the text.

  /// Prophet: once the network is sure of all that is open, everything is written in that pass. It
  /// is sure when the logit of the best token is that of the second and so much more, in the mean
  /// of the open positions; the three numbers hold for the first, second and last third of the
  /// text, by the share that is settled.
  bool converged = false;
  std::array<double, 3> converged_gaps = {7.5, 5, 2.5};

  /// Tokens that end the text. The first is the family's end-of-text token.
  std::vector<int> end_ids;

  /// End tokens are never written.
  bool no_end = false;

  /// End tokens count as least confident, so that they are committed last.
  bool end_last = false;

  /// Stop as soon as an end token is committed and everything left of it is settled, or `length`
  /// tokens are. The text is the same: it is cut there in any case.
  bool early_stop = true;

  /// Stop after a block when an end token is among the generated tokens.
  bool stop_after_block = false;

  bool operator==(const DecodeOptions&) const = default;
};

enum class OptionKind { count, number, toggle, ids, text };

/// One option as a person types it.
struct OptionSpec {
  std::string_view name;    ///< without dashes: "block"
  std::string_view letter;  ///< one-letter flag, "" where there is none
  std::string_view value;   ///< what the value is called in help: "N"; "" for a toggle
  std::string_view group;   ///< heading in help: "Canvas", "Denoising", "Sampling"
  std::string_view help;    ///< one sentence
  OptionKind kind;
  std::span<const std::string_view> choices;  ///< names that the value may begin with; empty: any
  void (*set)(DecodeOptions& options, std::string_view value);
  /// As `set` reads it, whole numbers of steps that are not set apart: "0". Null where the text of
  /// another option has it.
  std::string (*get)(const DecodeOptions& options);
};

/// All decoding options, in the order in which help shows them.
std::span<const OptionSpec> option_specs();

/// Sets one option from its text, as from the command line. A toggle takes "on" or "off".
/// Throws Error{usage} that names the option, the value and what is allowed.
void set_option(DecodeOptions& options, std::string_view name, std::string_view value);

/// The text of one option, as it is in errors, traces and result objects: "threshold:0.9,1".
std::string option_text(const DecodeOptions& options, std::string_view name);

/// Throws Error{usage} for options that contradict each other, whatever the model and the prompt.
void check_options(const DecodeOptions& options);

/// Positions of the canvas for a prompt of that many tokens: prompt, `length` and what the last
/// block has beyond them where it is written whole.
int canvas_size(const DecodeOptions& options, int prompt);

}  // namespace unmask
