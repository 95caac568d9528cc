// Replays the uniform numbers that a reference drew.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "decode/noise.h"

namespace unmask::testing {

/// The draws of a reference's calls, one tensor per step. A tensor of [1, positions, vocab] or
/// [1, positions] is looked up by position; one of [open positions] is read in order.
class ReplayedNoise : public Noise {
 public:
  explicit ReplayedNoise(std::vector<at::Tensor> draws);
  double uniform(Purpose purpose, int step, int position) override;
  void uniforms(Purpose purpose, int step, int position, std::span<double> out) override;

 private:
  std::vector<at::Tensor> draws_;  // float64
  int step_ = -1;
  int next_ = 0;
};

}  // namespace unmask::testing
