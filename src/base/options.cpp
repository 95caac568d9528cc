#include "unmask/options.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/option_text.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr int kMaxSteps = 1 << 24;

using Options = DecodeOptions&;
using Text = std::string_view;

constexpr std::array kSpecs{
    OptionSpec{"length", "n", "N", "Canvas", "Tokens to generate; 0 only fills what is open.",
               [](Options o, Text v) { o.length = parse_int(v, 0, kMaxLength); }},
    OptionSpec{"block", "", "N", "Canvas",
               "Block length; blocks are finished from left to right. 0 is the whole canvas.",
               [](Options o, Text v) { o.block = parse_int(v, 0, kMaxLength); }},
    OptionSpec{"block-grid", "", "FROM", "Canvas",
               "Where blocks begin: at the end of the prompt (prompt), or at multiples of their "
               "length (absolute).",
               set_grid},
    OptionSpec{"sub-block", "", "N", "Canvas",
               "Length of the parts in which a block is finished; 0 is none.",
               [](Options o, Text v) { o.sub_block = parse_int(v, 0, kMaxLength); }},
    OptionSpec{"attention", "", "KIND", "Canvas",
               "What a position sees: the whole canvas (full), or its block and those before it "
               "(block).",
               set_attention},

    OptionSpec{"steps", "s", "N", "Denoising",
               "Denoising steps: fewer are faster, more are better.",
               [](Options o, Text v) { o.steps = parse_int(v, 1, kMaxSteps); }},
    OptionSpec{"steps-per", "", "PART", "Denoising",
               "What the steps are counted for: the whole canvas (canvas), or each block (block).",
               set_steps_per},
    OptionSpec{"order", "", "RULE", "Denoising",
               "What is committed first: confidence, margin, entropy, random, left.", set_order},
    OptionSpec{"schedule", "", "RULE", "Denoising",
               "How many positions a step commits: even, block, dream[:EPS], dllm:linear, "
               "dllm:cosine, rnd1; for ancestral commits linear[:EPS], loglinear[:EPS], bd3lm.",
               set_schedule},
    OptionSpec{"commit", "", "RULE", "Denoising",
               "Which of them: quota (the first ones), threshold:T[,FLOOR] (all surer than T, and "
               "at least FLOOR), dynamic:T (FLOOR is the schedule's number), factor:F, carry:T, "
               "klass:CONF,KL, credit[:T], hierarchy:HIGH,LOW, verify:D (quota in fewer passes), "
               "entropy-sum:G, entropy-bound:G, binomial (quota with a drawn number), bernoulli "
               "(each by itself), ancestral, analytic.",
               set_commit},
    OptionSpec{"min-commit", "", "N", "Denoising",
               "The fewest positions that a step of threshold commits; 0 is the schedule's number.",
               [](Options o, Text v) { o.min_commit = parse_int(v, 0, kMaxLength); }},
    OptionSpec{"first-alone", "", "", "Denoising",
               "A block's first step settles its first position alone.",
               [](Options o, Text v) { o.first_alone = parse_switch(v); }},
    OptionSpec{"fast-dllm-habits", "", "", "Denoising",
               "A confidence at the bound counts, and factor takes the last candidate unasked.",
               [](Options o, Text v) { o.fast_dllm_habits = parse_switch(v); }},
    OptionSpec{"revise", "", "RULE", "Denoising",
               "What may change again: none, edit:E,POST (tokens where another is surer than E), "
               "wino:T1,T2, p2, remdm-cap:ETA, remdm-rescale:ETA, remdm-conf, "
               "remdm-loop:ETA[,ON,OFF,KEPT].",
               set_revise},
    OptionSpec{"cache", "", "KIND", "Denoising",
               "Keys and values that are kept: auto, none, block (finished blocks), prefix, dual, "
               "sub-block, delayed[:N] (settled tokens, refreshed every N passes).",
               set_cache},

    OptionSpec{"temperature", "", "T", "Sampling",
               "Randomness of the tokens; 0 takes the best one.",
               [](Options o, Text v) { o.temperature = parse_at_least_zero(v); }},
    OptionSpec{
        "top-k", "", "K", "Sampling", "Draw from the K most probable tokens; 0 is all.",
        [](Options o, Text v) { o.top_k = parse_int(v, 0, std::numeric_limits<int>::max()); }},
    OptionSpec{"top-p", "", "P", "Sampling",
               "Draw from the most probable tokens that together reach P; 1 is all.",
               [](Options o, Text v) { o.top_p = parse_share(v); }},
    OptionSpec{"top-k-first", "", "", "Sampling", "Take top-p of what top-k has left.",
               [](Options o, Text v) { o.top_k_first = parse_switch(v); }},
    OptionSpec{"sampler", "", "RULE", "Sampling",
               "How tokens are drawn above temperature 0: gumbel (as LLaDA), categorical (as "
               "Dream).",
               set_sampler},
    OptionSpec{"order-temperature", "", "T", "Sampling",
               "Randomness in which positions are committed; 0 takes the best ones.",
               [](Options o, Text v) { o.order_temperature = parse_at_least_zero(v); }},
    OptionSpec{"guidance", "", "G", "Sampling",
               "Classifier-free guidance scale; above 0 every step costs a second forward pass.",
               [](Options o, Text v) { o.guidance = parse_at_least_zero(v); }},
    OptionSpec{"guidance-keep", "", "IDS", "Sampling",
               "Prompt tokens that guidance's second pass sees too.",
               [](Options o, Text v) { o.guidance_keep = parse_id_list(v); }},
    OptionSpec{"suppress", "", "IDS", "Sampling", "Never write these tokens.",
               [](Options o, Text v) { o.suppress = parse_id_list(v); }},
    OptionSpec{"suppress-order", "", "IDS", "Sampling", "Commit these tokens last.",
               [](Options o, Text v) { o.suppress_order = parse_id_list(v); }},

    OptionSpec{"converged", "", "G1,G2,G3", "End of text",
               "Write all that is open once the best token leads by so much, in logits and on "
               "average, in each third of the text; on is 7.5,5,2.5, off never.",
               set_converged},
    OptionSpec{"no-end", "", "", "End of text", "Never write an end token.",
               [](Options o, Text v) { o.no_end = parse_switch(v); }},
    OptionSpec{"end-last", "", "", "End of text", "Commit end tokens last.",
               [](Options o, Text v) { o.end_last = parse_switch(v); }},
    OptionSpec{
        "early-stop", "", "", "End of text",
        "Stop once an end token and everything left of it is settled (the default for text).",
        [](Options o, Text v) { o.early_stop = parse_switch(v); }},
    OptionSpec{"stop-after-block", "", "", "End of text",
               "Stop after a block when an end token is among the generated tokens.",
               [](Options o, Text v) { o.stop_after_block = parse_switch(v); }},
};

}  // namespace

std::span<const OptionSpec> option_specs() { return kSpecs; }

void set_option(DecodeOptions& options, std::string_view name, std::string_view value) {
  for (const OptionSpec& spec : kSpecs) {
    if (spec.name != name) continue;
    try {
      spec.set(options, value);
    } catch (const Error& error) {
      throw Error(error.code(), "--" + std::string(name) + ": " + error.what(), error.hint());
    }
    return;
  }
  throw Error(ErrorCode::usage, "there is no option '" + std::string(name) + "'");
}

int canvas_size(const DecodeOptions& options, int prompt) {
  const int end = prompt + options.length;
  if (options.grid == BlockGrid::prompt || options.block == 0 || options.length == 0) return end;
  // Of the block after the last one, sub-blocks give the first token alone: it is what the network
  // predicts to come next.
  const int covered = options.sub_block > 0 ? end - 1 : end;
  const int blocks = (covered + options.block - 1) / options.block;
  return std::max(end, blocks * options.block);
}

}  // namespace unmask
