// The tokenizer of tokenizer.json with a BPE model: added tokens, normaliser, pre-tokenizer, merges
// and decoder, in the order of the tokenizers library.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "text/added_tokens.h"
#include "text/bpe_model.h"
#include "text/normalizer.h"
#include "text/pre_tokenizer.h"
#include "text/token_decoder.h"
#include "text/tokenizer.h"

namespace unmask {

struct BpeParts {
  BpeModel model;
  std::vector<AddedToken> added_tokens;
  Normalizer normalizer;
  PreTokenizer pre_tokenizer;
  TokenDecoder decoder;
  std::vector<int> prefix_ids, suffix_ids;  ///< of the post-processor
};

/// Error{checkpoint} when the added tokens contradict each other or the vocabulary.
std::unique_ptr<Tokenizer> make_bpe_tokenizer(BpeParts parts);

}  // namespace unmask
