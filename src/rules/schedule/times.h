// Of the schedules that run in time.
#pragma once

#include <cmath>

#include "rules/cards.h"

namespace unmask {

/// "dream:EPS": where the times end. A family's own stays when only the name is said.
inline constexpr Parameter kLastTime[] = {
    {.name = "EPS", .kind = Parameter::Kind::share, .fallback = 1e-3, .stays = true}};

/// Times in equal steps, to the bit as libtorch has them: element `index` of torch.linspace(1,
/// last, count) in float32, which counts its second half from the end and rounds once per element
/// (fused multiply-add). With a single element: 1.
inline float linspace(float last, int count, int index) {
  if (count == 1) return 1;
  const float difference = (last - 1) / static_cast<float>(count - 1);
  if (index < count / 2) return std::fma(difference, static_cast<float>(index), 1.0F);
  return std::fma(-difference, static_cast<float>(count - 1 - index), last);
}

}  // namespace unmask
