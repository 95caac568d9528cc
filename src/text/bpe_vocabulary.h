// Reading a BPE vocabulary and its merges, which tokenizer.json and vocab.json have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "text/bpe_model.h"

namespace unmask {

constexpr std::uint64_t kLargestTokenizerFile = std::uint64_t{128} << 20;

/// Puts {"token": id, ...} at `path` of the file `source` into `vocabulary`, which must outlive the
/// sink. Error{checkpoint} for ids out of range, and for ids or tokens given twice.
JsonSink vocabulary_sink(const std::string& path, const std::string& source,
                         TokenTable& vocabulary);

/// Merges as they were read; they can only be understood when the vocabulary is complete.
class MergeList {
 public:
  /// "a b" as it was, ["a", "b"] since tokenizers 0.20.
  void add(const Json& merge);

  /// Two tokens with a space between them.
  void add_line(std::string_view line);

  /// Error{checkpoint} names the first merge that is malformed or does not fit the vocabulary.
  void move_into(BpeModel& model) const;

 private:
  struct Merge {
    std::uint32_t end;    // in text_, where the one before it ends
    std::uint32_t split;  // where the second part begins, or kNoSplit
  };
  static constexpr std::uint32_t kNoSplit = 0xFFFFFFFF;

  std::string text_;
  std::vector<Merge> merges_;
};

}  // namespace unmask
