// Replays the uniform numbers that a reference drew.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "rules/noise.h"

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

/// Draws as MDLM's _sample_categorical does, as a race: the largest weight over an exponential
/// number made of the recorded uniform number of that token.
class ReplayedRace : public Noise {
 public:
  /// `uniforms` are [calls, positions, vocab], the k-th of them for step k; positions beyond count
  /// on from the first again. In `precision` the race is run.
  ReplayedRace(const at::Tensor& uniforms, at::ScalarType precision);
  double uniform(Purpose purpose, int step, int position) override;
  void uniforms(Purpose purpose, int step, int position, std::span<double> out) override;
  int draw(int step, int position, const Choice& choice) override;

 private:
  at::Tensor uniforms_;
  at::ScalarType precision_;
};

}  // namespace unmask::testing
