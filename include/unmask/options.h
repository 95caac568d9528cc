// How a canvas is decoded: the resolved options, and the registry of their names and ranges.
// `--help`, batch lines and presets all go through the registry, so they agree and need no engine.
#pragma once

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

/// How many positions each denoising step may commit.
enum class ScheduleKind {
  even,   ///< LLaDA: the block's open positions spread evenly over its steps
  dream,  ///< Dream: times from 1 down to eps in equal steps; a step reveals the share 1 - s/t
};

/// Which of the ordered candidates a step commits.
enum class CommitKind {
  quota,      ///< as many as the schedule gives this step
  bernoulli,  ///< Dream's `origin`: each open position by itself, with the schedule's share
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

  // The denoising steps.

  /// Denoising steps over the whole canvas. 0 is one per generated token.
  int steps = 0;

  Order order = Order::confidence;
  ScheduleKind schedule = ScheduleKind::even;

  /// Last time of the `dream` schedule.
  double schedule_eps = 1e-3;

  CommitKind commit = CommitKind::quota;

  // Sampling.

  Sampler sampler = Sampler::gumbel;

  /// 0 takes the most probable token.
  double temperature = 0;

  /// Only the `top_k` most probable tokens can be drawn. 0 is all of them.
  int top_k = 0;

  /// Only the most probable tokens that together reach this probability can be drawn. 1 is all.
  double top_p = 1;

  /// Randomness in the choice of positions: they are drawn from softmax(rank value / temperature).
  /// 0 takes the best ones.
  double order_temperature = 0;

  /// Classifier-free guidance scale; above 0 every step costs a second forward pass, in which the
  /// known positions of the prompt are masked.
  double guidance = 0;

  // The end of the text.

  /// Tokens that end the text. The first is the family's end-of-text token.
  std::vector<int> end_ids;

  /// End tokens are never written.
  bool no_end = false;

  /// End tokens count as least confident, so that they are committed last.
  bool end_last = false;

  /// Stop as soon as an end token is committed and everything left of it is settled. The text is
  /// the same: it is cut at the end token in any case.
  bool early_stop = true;
};

/// One option as a person types it.
struct OptionSpec {
  std::string_view name;    ///< without dashes: "block"
  std::string_view letter;  ///< one-letter flag, "" where there is none
  std::string_view value;   ///< what the value is called in help: "N"; "" for a switch
  std::string_view group;   ///< heading in help: "Canvas", "Denoising", "Sampling"
  std::string_view help;    ///< one sentence
  void (*set)(DecodeOptions& options, std::string_view value);
};

/// All decoding options, in the order in which help shows them.
std::span<const OptionSpec> option_specs();

/// Sets one option from its text, as from the command line. A switch takes "on" or "off".
/// Throws Error{usage} that names the option, the value and what is allowed.
void set_option(DecodeOptions& options, std::string_view name, std::string_view value);

// The spellings used by set_option, in traces and in result objects.
std::string to_string(Order order);
std::string schedule_text(const DecodeOptions& options);  ///< "even", "dream:0.001"
std::string to_string(CommitKind commit);
std::string to_string(Sampler sampler);

}  // namespace unmask
