#include "decode/converged.h"

#include <ATen/ATen.h>

namespace unmask {

bool has_converged(const at::Tensor& logits, double settled, const DecodeOptions& options) {
  const at::Tensor best = std::get<0>(logits.topk(2, -1));
  const at::Tensor gaps = best.select(-1, 0) - best.select(-1, 1);
  const std::size_t third = settled < 0.33 ? 0 : settled < 0.67 ? 1 : 2;
  return gaps.mean().item<double>() >= options.converged_gaps[third];
}

}  // namespace unmask
