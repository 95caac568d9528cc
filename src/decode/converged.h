// When the rest of a canvas can be written at once.
#pragma once

#include "unmask/options.h"

namespace unmask {

/// Prophet (Li et al. 2025, generate_earlyexit.py): whether the best token leads the second by
/// enough. `lead` is the mean of that of all open positions, in logits; `settled` is the share of
/// the text that is settled, in [0, 1).
inline bool has_converged(double lead, double settled, const DecodeOptions& options) {
  const int third = settled < 0.33 ? 0 : settled < 0.67 ? 1 : 2;
  return lead >= options.converged_gaps[third];
}

}  // namespace unmask
