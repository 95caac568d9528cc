// Which parts of a text may hold special tokens.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "text/tokenizer.h"

namespace unmask {

/// The spans as one text. Error{usage} with the offset where a span is not valid UTF-8.
std::string join_spans(std::span<const TextSpan> spans);

/// In which parts of a text special tokens may be found.
class SpecialAreas {
 public:
  SpecialAreas() = default;
  explicit SpecialAreas(std::span<const TextSpan> spans);

  /// Adds `bytes` more of the text.
  void append(std::size_t bytes, bool allowed);

  /// The areas of text[from, to), with positions counted from `from`.
  SpecialAreas part(std::size_t from, std::size_t to) const;

  bool allows(std::size_t from, std::size_t to) const;  ///< from < to

  struct Area {
    std::size_t end;  // starts where the one before it ends
    bool allowed;
  };
  const std::vector<Area>& areas() const { return areas_; }

 private:
  std::vector<Area> areas_;  // neighbours differ in `allowed`
};

}  // namespace unmask
