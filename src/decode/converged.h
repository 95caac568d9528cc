// When the rest of a canvas can be written at once.
#pragma once

#include <ATen/core/Tensor.h>

#include "unmask/options.h"

namespace unmask {

/// Prophet (Li et al. 2025, generate_earlyexit.py): whether the best token leads the second by
/// enough, in the mean of all rows. `logits` are those of the open positions, [rows, vocab], with
/// what cannot be written at -inf; `settled` is the share of the text that is settled, in [0, 1).
bool has_converged(const at::Tensor& logits, double settled, const DecodeOptions& options);

}  // namespace unmask
