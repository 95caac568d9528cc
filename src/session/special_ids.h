// Mask and end ids that config.json leaves to the tokenizer.
#pragma once

#include "family/family.h"
#include "text/tokenizer.h"

namespace unmask {

/// Asks the tokenizer (null: there is none) for the mask id and the end ids where `facts` lack
/// them. What it does not know either stays unknown. Error{checkpoint} for an id that the model has
/// no row for.
void fill_special_ids(const TokenizerFiles& files, const Tokenizer* tokenizer, ModelFacts& facts);

/// Throws Error{checkpoint} where nobody knows the mask id.
void require_mask_id(const ModelFacts& facts);

}  // namespace unmask
