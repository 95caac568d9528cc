// What MDLM and BD3-LM share.
#pragma once

#include "base/json.h"
#include "family/family.h"

namespace unmask {

/// Sizes, ids and tensor names of a diffusion transformer with the keys of MDLM's config.json. The
/// mask token is the last of the vocabulary; the end token is the tokenizer's.
ModelFacts read_diffusion_transformer(const JsonField& config);

}  // namespace unmask
