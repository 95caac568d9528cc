// The blocks of a run, and how many steps each of them takes.
#pragma once

#include <span>
#include <vector>

#include "base/range.h"
#include "rules/canvas.h"
#include "unmask/options.h"

namespace unmask {

struct Block {
  Range range;
  int steps = 0;  ///< that its schedule is made for, and the one that settles its first token alone
  int bound = 0;  ///< of the steps that are really made
  bool first_alone = false;  ///< its first token is settled in a step of its own
};

/// The blocks with something open, from left to right.
/// Throws Error{usage} where there are fewer steps than blocks.
std::vector<Block> plan_blocks(const DecodeOptions& options, const Canvas& canvas);

/// The steps of each of these blocks, counted as the options say: those of a canvas are shared out
/// evenly, the remainder to the first blocks.
/// Throws Error{usage} where there are fewer steps than blocks.
std::vector<int> steps_of_blocks(const DecodeOptions& options, const Canvas& canvas,
                                 std::span<const Range> blocks);

}  // namespace unmask
