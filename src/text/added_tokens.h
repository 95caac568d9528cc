// Tokens that are found in the text before anything else looks at it: special ones, and words that
// were added to a finished vocabulary.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/special_areas.h"

namespace unmask {

struct AddedToken {
  int id = 0;
  std::string content;
  bool single_word = false;  ///< only where no word character touches it
  bool lstrip = false;       ///< takes the whitespace before it
  bool rstrip = false;       ///< takes the whitespace after it
  bool normalized = true;    ///< looked for in the normalised text instead of the text as given
  bool special = false;      ///< only found where special tokens are allowed; skipped when decoding
};

/// A set of added tokens, found leftmost first and the longest of those that start there.
class AddedTokenFinder {
 public:
  AddedTokenFinder();

  /// `pattern` is what to look for: the token's content, normalised where it is so marked.
  void add(std::string_view pattern, AddedToken token);

  bool empty() const { return tokens_.empty(); }

  struct Part {
    std::size_t from, to;
    const AddedToken* token;  // null: ordinary text
  };

  /// Cuts `text` at the tokens in it. As in the tokenizers library, a find that is then turned down
  /// (special where that is not allowed, or within a word) is passed over whole. Only where it
  /// reaches across the border of an area the search goes on at that border, so that nobody's text
  /// can swallow the beginning of the scaffolding after it.
  std::vector<Part> find(std::string_view text, const SpecialAreas& areas) const;

 private:
  struct Node {
    int token = -1;  // index into tokens_
    std::vector<std::pair<unsigned char, std::uint32_t>> children;
  };
  struct Match {
    const AddedToken* token = nullptr;
    std::size_t end = 0;
  };

  Match longest_at(std::string_view text, std::size_t at) const;

  std::vector<AddedToken> tokens_;
  std::vector<Node> nodes_;               // a trie over bytes; 0 is the root
  std::array<std::uint32_t, 256> first_;  // the root's children, 0 for none
};

}  // namespace unmask
