// CleanText on a tensor.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "decode/token_mask.h"
#include "rules/distributions.h"

namespace unmask {

/// A distribution over tokens for each position: MDLM's parameterisation, in which the mask has no
/// probability.
class CleanPrediction : public CleanText {
 public:
  /// Of `logits`, float32 [positions, head rows], over the temperature and cut to the nucleus; at
  /// temperature 0 only the most probable token is ever drawn.
  CleanPrediction(const at::Tensor& logits, std::span<const int> positions,
                  const Sampling& sampling, const TokenMask& mask);

  std::vector<Write> draw(double reveal, double stay, int step, Noise& noise) const override;
  std::vector<Write> most_probable() const override;

 private:
  std::span<const float> probabilities_at(std::size_t row) const;

  std::vector<int> positions_;
  std::vector<int> ids_;  // of the columns of probabilities_
  std::vector<int> best_;
  at::Tensor probabilities_;  // float32 [positions, tokens]
  int mask_id_;
  bool greedy_;
};

/// Tokens from the most probable one down, as long as they reach no more than `top_p` together, and
/// at least the first; renormalised. The token that crosses the border is left out, unlike in the
/// usual top-p. [rows, vocab] -> [rows, vocab].
at::Tensor mdlm_nucleus(const at::Tensor& probabilities, double top_p);

}  // namespace unmask
