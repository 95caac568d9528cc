// How many positions each denoising step commits.
#pragma once

#include <memory>

#include "unmask/options.h"

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

/// Of the schedules that count positions; those that run in noise belong to the ancestral rule.
std::unique_ptr<Schedule> make_schedule(const DecodeOptions& options);

// One file each.
std::unique_ptr<Schedule> make_even_schedule();
std::unique_ptr<Schedule> make_block_schedule();
std::unique_ptr<Schedule> make_dream_schedule(double eps);
std::unique_ptr<Schedule> make_dllm_schedule(bool cosine);
std::unique_ptr<Schedule> make_rnd1_schedule();

}  // namespace unmask
