// How normalised text is prepared and cut before merging: the "pre_tokenizer" of tokenizer.json.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/split.h"

namespace unmask {

class PreTokenizer {
 public:
  enum class Prefix {
    none,
    always,  ///< before every text that does not begin with it
    first,   ///< only at the very start, not after a special token
  };

  void set_prefix(std::string text, Prefix when);

  /// Spaces are written as `replacement` from here on.
  void set_space(std::string replacement) { space_ = std::move(replacement); }

  /// The next cut, made within the pieces of those before.
  void add(std::unique_ptr<Splitter> splitter) { splitters_.push_back(std::move(splitter)); }

  /// What `text` is cut into. The views point into `text` or `scratch`.
  Pieces run(std::string_view text, bool at_start, std::string& scratch) const;

 private:
  std::string prefix_;
  Prefix when_ = Prefix::none;
  std::string space_;  // empty: spaces stay
  std::vector<std::unique_ptr<Splitter>> splitters_;
};

}  // namespace unmask
