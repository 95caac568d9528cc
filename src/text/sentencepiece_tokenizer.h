// Tokenizers kept as a sentencepiece model, run by the sentencepiece library itself.
#pragma once

#include <memory>
#include <vector>

#include "base/file.h"
#include "text/added_tokens.h"
#include "text/tokenizer.h"

namespace unmask {

/// `added_tokens` are what the checkpoint says outside of the model file: either pieces of the
/// model or tokens after the last of them. Control pieces, which the library never finds in a text,
/// are found where special tokens are allowed; the texts between them are encoded each for itself.
/// Error{checkpoint} when the file is damaged or the added tokens contradict it.
std::unique_ptr<Tokenizer> load_sentencepiece(const MappedFile& file,
                                              const std::vector<AddedToken>& added_tokens);

}  // namespace unmask
