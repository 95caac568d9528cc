// Text <-> token ids, as the checkpoint's own tokenizer does it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace unmask {

class TokenizerFiles;

struct EncodeOptions {
  /// Tokens marked special (`<|im_end|>`, the mask) are recognised in the text. Off by default, so
  /// that nobody's prompt turns into control or mask tokens. Tokens that the vocabulary itself
  /// calls ordinary (special = false, sentencepiece's user-defined pieces) are recognised either
  /// way.
  bool allow_special = false;
};

/// A stretch of a longer text and whether special tokens may be recognised in it. A chat format
/// marks its scaffolding so, and the messages not.
struct TextSpan {
  std::string_view text;
  bool allow_special = false;
};

/// Immutable after loading; every method may be called from several threads at once.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// Ids of `text`, which must be valid UTF-8 (Error{usage} with the byte offset otherwise).
  /// Content only: begin and end tokens are never added. An empty text has no ids.
  std::vector<int> encode(std::string_view text, const EncodeOptions& options = {}) const {
    const TextSpan span{text, options.allow_special};
    return encode_spans({&span, 1});
  }

  /// Ids of the concatenated spans, encoded as one text: tokens may reach across the borders,
  /// except that a special token must lie wholly in spans that allow it.
  virtual std::vector<int> encode_spans(std::span<const TextSpan> spans) const = 0;

  /// The text of `ids`. Byte-level tokenizers give the bytes of the tokens as they are, so a
  /// sequence that ends within a character ends in an incomplete one; see utf8::incomplete_tail and
  /// utf8::replace_invalid. The others give valid UTF-8, with U+FFFD where bytes form no character.
  /// Decode a sequence whole, never id by id. Ids without a token (gaps, and rows that only the
  /// model's embedding has) give "". Error{usage} for a negative id.
  virtual std::string decode(std::span<const int> ids, bool skip_special = true) const = 0;

  /// The id of exactly this token: ordinary (as the vocabulary spells it), added, special or
  /// control.
  virtual std::optional<int> token_id(std::string_view token) const = 0;

  /// How the vocabulary spells this token ("Ġthe", "▁the", "<|im_end|>"); "" where there is none.
  virtual std::string token_text(int id) const = 0;

  /// Whether decode leaves this id out when asked to skip special tokens.
  virtual bool is_special(int id) const = 0;

  /// One more than the highest id that has a token.
  virtual int vocab_size() const = 0;

  /// Ids that the tokenizer's own post-processor puts before a text, such as Llama-3's begin token.
  /// For comparison with other programs: nothing here adds them.
  virtual std::vector<int> prefix_ids() const { return {}; }
  virtual std::vector<int> suffix_ids() const { return {}; }
};

/// Loads the tokenizer of a checkpoint: tokenizer.json; where that is missing, or is of a
/// kind whose exact behaviour only sentencepiece has (unigram), tokenizer.model or spiece.model;
/// else vocab.json with merges.txt and the added tokens of tokenizer_config.json or
/// added_tokens.json. Error{checkpoint} when there is none, or it is damaged, or it needs what this
/// program lacks.
std::unique_ptr<Tokenizer> load_tokenizer(const TokenizerFiles& files);

}  // namespace unmask
