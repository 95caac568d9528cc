// The decoding defaults that a checkpoint brings along.
#pragma once

#include <map>
#include <string>

#include "base/json.h"
#include "family/family.h"

namespace unmask {

/// Applies the keys of a generation_config.json that decide what is written: those of Hugging Face
/// (max_new_tokens, do_sample, temperature, top_k, top_p), those of Dream's own (steps, alg,
/// alg_temp, eps), of RND1's (num_diffusion_steps, greedy, eb_gamma) and block_length. Steps are
/// passed over where the family counts none. Others are left alone. On top of these come
/// "unmask": {"defaults": ...}, options by the names of their flags, which no other tool reads:
///     "unmask": {"defaults": {"attention": "block", "block-grid": "prompt"}}
/// Throws Error{checkpoint} for values out of range and for what read_presets throws for.
void apply_generation_config(DecodeOptions& options, const JsonField& generation);

/// The presets of a generation_config.json: decoding options by the names of their flags, on top of
/// `defaults`.
///     "unmask": {"presets": {"fast": {"steps": 16, "order": "margin"}}}
/// Throws Error{checkpoint} for options that there are not or that contradict each other, and for
/// names that every model has.
std::map<std::string, DecodeOptions, std::less<>> read_presets(const JsonField& generation,
                                                               const DecodeOptions& defaults);

/// "unmask": {"holes": ...}: options, by the names of their flags, that a prompt with positions to
/// be filled has beside the defaults, for a model that can see the text behind them if asked to.
/// Throws as read_presets does.
OptionList read_hole_options(const JsonField& generation, const DecodeOptions& defaults);

}  // namespace unmask
