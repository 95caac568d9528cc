// Rows beside the canvas that judge its tokens without seeing them (WINO).
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "rules/canvas.h"
#include "rules/rule.h"

namespace unmask {

/// What a request is made of, instead of the canvas and its positions.
struct ShadowedCanvas {
  std::vector<int> ids;        ///< the canvas, then a mask for each shadow row
  std::vector<int> positions;  ///< of each, for the rotary embedding
  std::vector<int> rows;       ///< those wanted, then the shadow rows
  at::Tensor visible;          ///< bool [ids, ids]
};

/// The canvas with the shadow rows that are wanted. Under a logit shift a shadow row stands where
/// the output that predicts its position comes from: one before.
ShadowedCanvas with_shadow(const Canvas& canvas, const Wants& wants, bool logit_shift);

}  // namespace unmask
