// What is done to the text between special tokens before it is cut into pieces.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "text/unicode.h"

namespace unmask {

class Normalizer {
 public:
  struct Prepend {
    std::string text;  ///< put before any text that is not empty
  };
  struct Replace {
    std::string from;  ///< not empty
    std::string to;
  };
  using Step = std::variant<unicode::Form, Prepend, Replace>;

  void add(Step step);
  bool empty() const { return steps_.empty(); }

  /// `at_start` is false for the continuation of a text that was begun before: nothing is
  /// prepended.
  std::string apply(std::string_view text, bool at_start = true) const;

 private:
  std::vector<Step> steps_;
};

/// Every `from` in `text` replaced, from left to right.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

}  // namespace unmask
