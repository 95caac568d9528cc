// A decoding rule: what it wants to know of the network, and what it then does to the canvas.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <vector>

#include "decode/canvas.h"
#include "decode/noise.h"
#include "decode/prediction.h"
#include "unmask/options.h"

namespace unmask {

/// What the next denoising step needs.
struct Wants {
  std::vector<int> rows;  ///< positions to be predicted, ascending
  int step;               ///< as the reference counts, from 0
  int block;              ///< index of the block worked on
};

/// Made per request; may keep state between steps.
class Rule {
 public:
  virtual ~Rule() = default;

  /// An upper bound of the steps, as the reference counts them.
  virtual int steps() const = 0;

  /// Nothing when the rule is done. Steps that cannot change anything are passed over.
  virtual std::optional<Wants> wants(const Canvas& canvas) = 0;

  /// `logits` are those of the rows wanted last, float32 [rows, vocab rows].
  virtual Edit step(const Canvas& canvas, const at::Tensor& logits, Noise& noise) = 0;
};

/// The composition order x schedule x commit, block by block.
/// Throws Error{usage} for options that do not fit the canvas.
std::unique_ptr<Rule> make_rule(const DecodeOptions& options, const Vocabulary& vocabulary,
                                const Canvas& canvas);

}  // namespace unmask
