// Times in equal steps, to the bit as libtorch has them.
#pragma once

#include <cmath>

namespace unmask {

/// Element `index` of torch.linspace(1, last, count) in float32, which counts its second half from
/// the end and rounds once per element (fused multiply-add). With a single element: 1.
inline float linspace(float last, int count, int index) {
  if (count == 1) return 1;
  const float difference = (last - 1) / static_cast<float>(count - 1);
  if (index < count / 2) return std::fma(difference, static_cast<float>(index), 1.0F);
  return std::fma(-difference, static_cast<float>(count - 1 - index), last);
}

}  // namespace unmask
