// A byte-pair vocabulary with its merges: one piece of text -> ids.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "text/bpe.h"
#include "text/token_table.h"

namespace unmask {

/// What the symbols are that merging starts from.
enum class SymbolKind {
  bytes,       ///< bytes, spelled in the byte alphabet (GPT-2 and after)
  characters,  ///< characters; unknown ones as <0xNN> bytes or the unknown token (Llama 2)
};

class BpeModel {
 public:
  SymbolKind kind = SymbolKind::bytes;
  bool ignore_merges = false;  ///< a piece that is a token is taken whole, merges or not
  bool byte_fallback = false;  ///< characters without a token become the tokens of their bytes
  bool fuse_unknown = false;   ///< a run of unknown characters is one unknown token
  std::optional<int> unknown;
  TokenTable vocabulary;

  void reserve_merges(std::size_t count) { merges_.reserve(count); }

  /// The next merge in rank. Error{checkpoint} with `number` when a part or the result is not in
  /// the vocabulary, or the pair is there already.
  void add_merge(std::string_view left, std::string_view right, std::size_t number);

  /// Looks up the tokens of the single bytes; call when the vocabulary and the flags are complete.
  void finish();

  /// Appends the ids of `piece`. Error{checkpoint} when it holds what no token can express.
  void encode(std::string_view piece, std::vector<int>& ids) const;

 private:
  void add_bytes(std::string_view bytes, std::vector<int>& ids) const;
  void add_characters(std::string_view text, std::vector<int>& ids) const;
  bool add_fallback(std::string_view character, std::vector<int>& ids) const;

  MergeTable merges_;
  std::array<int, 256> byte_ids_{};  // -1 where there is none
};

}  // namespace unmask
