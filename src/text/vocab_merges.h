// vocab.json with merges.txt: the byte-level BPE files from before tokenizer.json. They do not say
// how text is cut, so that follows from the tokenizer class.
#pragma once

#include "base/file.h"
#include "text/bpe_tokenizer.h"
#include "text/tokenizer_config.h"

namespace unmask {

/// Error{checkpoint} when a file is damaged or the tokenizer class is not GPT-2's or Qwen2's.
BpeParts read_vocab_merges(const MappedFile& vocabulary, const MappedFile& merges,
                           const TokenizerConfig& config);

}  // namespace unmask
