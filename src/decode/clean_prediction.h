// What the network takes the clean text to be, at the open positions.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "decode/canvas.h"
#include "decode/noise.h"
#include "decode/prediction.h"

namespace unmask {

/// A distribution over tokens for each position: MDLM's parameterisation, in which the mask has no
/// probability.
class CleanPrediction {
 public:
  /// For nothing.
  CleanPrediction() = default;

  /// Of `logits`, float32 [positions, vocab rows], over the temperature and cut to the nucleus; at
  /// temperature 0 only the most probable token is ever drawn. `step` keys the noise. Throws
  /// Error{failure} for logits that are not finite.
  CleanPrediction(const at::Tensor& logits, std::span<const int> positions,
                  const DecodeOptions& options, const Vocabulary& vocabulary, int step);

  /// At each position draws token v with weight reveal * p(v), or leaves it open with weight
  /// `stay`.
  std::vector<Write> draw(double reveal, double stay, int step, Noise& noise) const;

  /// The most probable token at each position.
  std::vector<Write> most_probable() const;

 private:
  std::span<const float> probabilities_at(std::size_t row) const;

  std::vector<int> positions_;
  std::vector<int> ids_;  // of the columns of probabilities_
  std::vector<int> best_;
  at::Tensor probabilities_;  // float32 [positions, vocab rows]
  int mask_id_ = 0;
  bool greedy_ = false;
};

}  // namespace unmask
