// tokenizer.json, the file of the tokenizers library.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "text/added_tokens.h"
#include "text/bpe_tokenizer.h"
#include "text/bpe_vocabulary.h"

namespace unmask {

/// The whole file, read but not yet turned into a tokenizer. Its "truncation" and "padding" are
/// settings for batches of another program and of no concern here.
class TokenizerJson {
 public:
  /// `source` names the file in messages. Error{checkpoint} when the text is not strict JSON.
  TokenizerJson(std::string_view text, const std::string& source);
  TokenizerJson(const TokenizerJson&) = delete;
  TokenizerJson& operator=(const TokenizerJson&) = delete;

  /// "BPE", "Unigram", ...
  std::string model_type() const;

  std::vector<AddedToken> added_tokens() const;

  /// Error{checkpoint} naming the part when it is damaged or not among those known here.
  /// Takes the vocabulary along, so only once.
  BpeParts take_bpe_parts();

 private:
  JsonField root() const { return {document_, source_}; }
  void complete_model(const JsonField& field);

  std::string source_;
  BpeModel model_;
  MergeList merges_;
  Json document_;  // without vocabulary and merges
};

// The parts of the file; tokenizer_json_parts.cpp.
Normalizer read_normalizer(const JsonField& root);
TokenDecoder read_decoder(const JsonField& root);
AddedToken read_added_token(const JsonField& field, int id);

/// Sets the pre-tokenizer and says what the symbols are; `byte_level` means the byte alphabet.
PreTokenizer read_pre_tokenizer(const JsonField& root, bool& byte_level);

/// The ids that the post-processor puts before and after a single text. Unknown post-processors add
/// none: nothing here depends on them.
void read_post_processor(const JsonField& root, std::vector<int>& prefix, std::vector<int>& suffix);

}  // namespace unmask
