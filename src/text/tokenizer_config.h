// tokenizer_config.json and the small files beside it: what a checkpoint says about its tokenizer
// outside of the tokenizer's own file.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/file_source.h"
#include "text/added_tokens.h"

namespace unmask {

struct TokenizerConfig {
  std::string tokenizer_class;  ///< "Qwen2Tokenizer"; "" where none is named

  bool add_prefix_space = false;

  /// "" where the checkpoint has no such token.
  std::string bos_token, eos_token, pad_token, unk_token, mask_token;

  /// Of added_tokens_decoder, or else added_tokens.json, in the order of their ids.
  std::vector<AddedToken> added_tokens;

  /// Name and Jinja text; the only one is called "default". chat_template.jinja comes before
  /// `chat_template` of tokenizer_config.json.
  std::vector<std::pair<std::string, std::string>> chat_templates;
};

/// Everything empty where the files are missing. Error{checkpoint} when one is damaged.
TokenizerConfig read_tokenizer_config(const FileSource& files);

}  // namespace unmask
