// How a canvas is decoded: the resolved options, and the registry of their names and ranges.
// `--help`, batch lines and presets all go through the registry, so they agree and need no engine.
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

/// How many positions each denoising step may commit.
enum class ScheduleKind {
  even,   ///< LLaDA: the block's open positions spread evenly over its steps
  block,  ///< LLaDA2, SDAR: the block's length, prompt included, spread evenly over its steps
  dream,  ///< Dream: times from 1 down to eps in equal steps; a step reveals the share 1 - s/t
  dllm_linear,  ///< dllm: like `dream` with eps 0, rounded to even, empty steps left out
  dllm_cosine,  ///< the same with times on a cosine
  rnd1,         ///< RND1: what stays masked falls evenly, rounded down
  linear,       ///< MDLM: a position is masked with probability t
  loglinear,    ///< MDLM's trained noise: with probability (1 - 0.001) t
  bd3lm,        ///< BD3-LM: `linear` with times from 1 to 0 inclusive
};

/// Which of the ordered candidates a step commits.
enum class CommitKind {
  quota,          ///< as many as the schedule gives this step
  threshold,      ///< all above a confidence, and at least the best few
  factor,         ///< Fast-dLLM: the more at once, the surer each of them has to be
  carry,          ///< Fast-dLLM's Dream: the quota's part above a confidence; the rest is put off
  klass,          ///< KLASS: all that are sure and whose distribution has settled
  credit,         ///< dInfer: `threshold` of logits to which steady tokens have added
  hierarchy,      ///< dInfer: all that are sure, and the best of each run of open positions
  verify,         ///< FreeDave: the tokens of `quota`, several steps in a pass where they agree
  entropy_sum,    ///< SDAR: the surest, as long as their entropies sum up to less than a bound
  entropy_bound,  ///< RND1, EB-Sampler: the surest, as long as the entropies before the last do
  binomial,       ///< dllm's `stochastic_transfer`: the best ones, as many as the share draws
  bernoulli,      ///< Dream's `origin`: each open position by itself, with the schedule's share
  ancestral,      ///< MDLM: token or mask is drawn at once from the reverse process
  analytic,       ///< MDLM's analytic sampler: the same by its score, settled positions included
};

/// Which settled positions a step may change again.
enum class ReviseKind {
  none,
  edit,       ///< LLaDA2.1: a token of the block is replaced where the network is sure of another
  wino,       ///< WINO: tokens of the block that the network would not say without seeing them
  p2,         ///< Open-dCoder: the least sure positions, settled or not, are masked again
  remdm_cap,  ///< ReMDM: tokens are masked again at random, with a capped probability
  remdm_rescale,  ///< ReMDM: the same, a share of the largest possible probability
  remdm_conf,     ///< ReMDM: the same, the less sure the more often
  remdm_loop,     ///< ReMDM: only in a middle phase in which no more is revealed
};

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

/// Which keys and values are kept between forward passes.
enum class CacheKind {
  automatic,  ///< `block` under block attention, else `none`
  none,
  block,      ///< those of finished blocks: exact under block attention
  prefix,     ///< Fast-dLLM: those before the block worked on, from the block's first pass
  dual,       ///< Fast-dLLM: also those behind it
  sub_block,  ///< Fast-dLLM v2: also those of the block around the sub-block worked on
  delayed,    ///< dKV-Cache: those of settled tokens, from the second pass after a token's own on
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

  Order order = Order::confidence;
  ScheduleKind schedule = ScheduleKind::even;

  /// Last time of the schedules that run in time.
  double schedule_eps = 1e-3;

  CommitKind commit = CommitKind::quota;

  /// Confidence above which `threshold`, `carry`, `klass`, `credit` and `hierarchy` commit; how
  /// many canvases `verify` computes in a pass; the factor of `factor`; the bound of `entropy_sum`
  /// and `entropy_bound`, in nats.
  double commit_bound = 0;

  /// `klass`: the divergence, in nats, below which a distribution has settled. `hierarchy`: the
  /// confidence above which the best of a run is committed.
  double commit_second = 0;

  /// A confidence equal to the bound counts as above it, and `factor` commits the last candidate
  /// even though it fails the test: Fast-dLLM's habits, which its preset sets.
  bool fast_dllm_habits = false;

  /// The first pass of a block settles nothing but its first position (Fast-dLLM's blocks for
  /// Dream).
  bool first_alone = false;

  /// The fewest positions that a step of `threshold` commits. 0: what the schedule gives the step.
  int min_commit = 1;

  ReviseKind revise = ReviseKind::none;

  /// `edit`: confidence above which a token is replaced. `wino`: above which one is written. ReMDM:
  /// its eta.
  double revise_strength = 0;

  /// `wino`: probability below which a token is masked again.
  double verify_bound = 0;

  /// `remdm_loop`: the times between which tokens are exchanged, and the share of the text that is
  /// settled then.
  double loop_on = 0.55, loop_off = 0.05, loop_kept = 0.9;

  /// `edit`: how many steps a block may be edited once nothing in it is open.
  int post_steps = 0;

  /// The network is told the noise level, so that its prediction changes from step to step though
  /// the canvas does not (MDLM and BD3-LM with time conditioning). The engine sets it for them.
  bool noise_conditioned = false;

  CacheKind cache = CacheKind::automatic;

  /// `delayed`: how many passes of a block make the first of them compute everything again.
  int cache_refresh = 8;

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

// The spellings used by set_option, in traces and in result objects; set_option reads them back.
std::string to_string(Order order);
std::string to_string(BlockGrid grid);
std::string to_string(StepsPer per);
std::string to_string(AttentionKind attention);
std::string to_string(Sampler sampler);
std::string schedule_text(const DecodeOptions& options);   ///< "even", "dream:0.001"
std::string commit_text(const DecodeOptions& options);     ///< "quota", "threshold:0.9,1"
std::string revise_text(const DecodeOptions& options);     ///< "none", "edit:0.9,16"
std::string converged_text(const DecodeOptions& options);  ///< "off", "7.5,5,2.5"
std::string cache_text(const DecodeOptions& options);      ///< "auto", "delayed:8"

/// Throws Error{usage} for options that contradict each other, whatever the model and the prompt.
void check_options(const DecodeOptions& options);

/// Positions of the canvas for a prompt of that many tokens: prompt, `length` and what the last
/// block has beyond them where it is written whole.
int canvas_size(const DecodeOptions& options, int prompt);

}  // namespace unmask
