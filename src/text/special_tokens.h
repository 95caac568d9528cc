// The ids that only the tokenizer's files name: those of the mask token and of the end token.
#pragma once

#include <optional>

#include "text/tokenizer.h"

namespace unmask {

/// The id of `mask_token` in tokenizer_config.json or special_tokens_map.json; where none is named,
/// of the first of the usual spellings ("<|mask|>", "<|MASK|>", "|<MASK>|", "[MASK]", "<M>") that
/// the tokenizer has as a special token. Error{checkpoint} when a file is damaged.
std::optional<int> mask_token_id(const TokenizerFiles& files, const Tokenizer& tokenizer);

/// The id of `eos_token` there; nullopt where none is named.
std::optional<int> end_token_id(const TokenizerFiles& files, const Tokenizer& tokenizer);

}  // namespace unmask
