// What the network says, on a tensor.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <vector>

#include "decode/token_mask.h"
#include "rules/distributions.h"

namespace unmask {

/// The logits of a step. Used on one thread; the mask outlives it.
class TorchDistributions : public Distributions {
 public:
  /// Where no pass was made.
  explicit TorchDistributions(const TokenMask& mask) : Distributions({}), mask_(mask) {}

  /// `logits`, float32 [positions, head rows], are as the network gave them. Throws Error{failure}
  /// that names `step` and the position where they are not finite.
  TorchDistributions(const at::Tensor& logits, std::vector<int> positions, const TokenMask& mask,
                     Needs needs, int step);

  Prediction predict(const Sampling& sampling, int step, Noise& noise) const override;
  std::vector<RowToken> best() const override;
  std::vector<float> probability(std::span<const RowToken> tokens) const override;
  std::vector<double> divergence(const Distributions& before,
                                 std::span<const RowPair> pairs) const override;
  std::shared_ptr<const Distributions> with(std::span<const Bonus> bonuses) const override;
  std::shared_ptr<const Distributions> select(std::span<const int> rows) const override;
  std::shared_ptr<const CleanText> clean(const Sampling& sampling) const override;

  /// By how much the logit of the best token that can be written leads that of the second, in the
  /// mean of all rows.
  double mean_lead() const;

 private:
  TorchDistributions(at::Tensor logits, at::Tensor log_probabilities, std::vector<int> positions,
                     const TokenMask& mask, Needs needs);

  at::Tensor logits_;             // float32 [positions, head rows]
  at::Tensor log_probabilities_;  // float64 [positions, head rows]; undefined where not needed
  const TokenMask& mask_;
  Needs needs_;
};

}  // namespace unmask
