// How many positions each denoising step commits.
#pragma once

#include <memory>

#include "rules/cards.h"

namespace unmask {

/// Where in a block's run of steps the decoder stands.
struct StepInBlock {
  int step;           ///< of this block, from 0
  int steps;          ///< of this block
  int open_at_start;  ///< open positions of the block, prompt excluded, when its first step began
  int candidates;     ///< positions that may be committed now: all open ones before the block's end
  int length = 0;     ///< of the block, prompt included
};

class Schedule {
 public:
  virtual ~Schedule() = default;

  /// How many positions this step commits.
  virtual int quota(const StepInBlock& at) const = 0;

  /// The share of the open positions that this step is expected to commit, in [0, 1].
  virtual float share(const StepInBlock& at) const = 0;
};

/// For a card: of a schedule that is made of nothing.
template <typename Rule>
std::unique_ptr<Schedule> make_schedule(Values) {
  return std::make_unique<Rule>();
}

}  // namespace unmask
