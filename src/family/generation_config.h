// The decoding defaults that a checkpoint brings along.
#pragma once

#include <map>
#include <string>

#include "base/json.h"
#include "unmask/options.h"

namespace unmask {

/// Applies the keys of a generation_config.json that decide what is written: those of Hugging Face
/// (max_new_tokens, do_sample, temperature, top_k, top_p), those of Dream's own (steps, alg,
/// alg_temp, eps), of RND1's (num_diffusion_steps, greedy, eb_gamma) and block_length. Steps are
/// passed over where the family counts none. Others are left alone. Throws Error{checkpoint} for
/// values out of range.
void apply_generation_config(DecodeOptions& options, const JsonField& generation);

/// The presets of a generation_config.json: decoding options by the names of their flags, on top of
/// `defaults`. No other tool reads the key.
///     "unmask": {"presets": {"fast": {"steps": 16, "order": "margin"}}}
/// Throws Error{checkpoint} for options that there are not or that contradict each other, and for
/// names that every model has.
std::map<std::string, DecodeOptions, std::less<>> read_presets(const JsonField& generation,
                                                               const DecodeOptions& defaults);

}  // namespace unmask
