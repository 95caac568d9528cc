// A model whose network is a formula, and which keeps a record of its passes.
#pragma once

#include <memory>
#include <vector>

#include "model/model.h"

namespace unmask::testing {

inline constexpr int kFakeVocab = 32;
inline constexpr int kFakeMask = 31;

/// The network says NaN once no more than two positions of a text that begins with this id are
/// masked.
inline constexpr int kPoison = 30;

/// What happened in each pass that succeeded, and what makes one fail.
struct PassRecord {
  std::vector<int> sequences = {}, tokens = {};
  int failed = 0;
  /// More tokens than this in a pass, and memory runs out: std::bad_alloc, or as libtorch says it.
  int memory = 1 << 20;
  bool as_libtorch = false;
  int milliseconds = 0;  ///< that a pass takes
};

/// What it says for a position depends on that and on the text's first id and masks alone.
Model fake_model(std::shared_ptr<PassRecord> record);

}  // namespace unmask::testing
