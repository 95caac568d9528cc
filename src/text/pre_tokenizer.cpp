#include "text/pre_tokenizer.h"

#include <utility>

#include "text/normalizer.h"

namespace unmask {

void PreTokenizer::set_prefix(std::string text, Prefix when) {
  prefix_ = std::move(text);
  when_ = when;
}

Pieces PreTokenizer::run(std::string_view text, bool at_start, std::string& scratch) const {
  if (!space_.empty()) {
    scratch = replace_all(text, " ", space_);
    text = scratch;
  }
  const bool wanted = when_ == Prefix::always || (when_ == Prefix::first && at_start);
  if (wanted && !text.empty() && !text.starts_with(prefix_)) {
    scratch = prefix_ + std::string(text);
    text = scratch;
  }
  Pieces pieces;
  if (!text.empty()) pieces.push_back(text);
  for (const auto& splitter : splitters_) {
    Pieces cut;
    for (const std::string_view piece : pieces) splitter->split(piece, cut);
    pieces = std::move(cut);
  }
  return pieces;
}

}  // namespace unmask
