// A matrix whose values are kept as they are computed with.
#pragma once

#include <utility>

#include "model/matrix.h"

namespace unmask {

class DenseMatrix : public Matrix {
 public:
  explicit DenseMatrix(at::Tensor values) : values_(std::move(values)) {}

  using Matrix::times;
  at::Tensor times(const at::Tensor& x, const std::optional<at::Tensor>& bias) const override;
  at::Tensor rows(const at::Tensor& ids) const override;

 private:
  at::Tensor values_;  // [out, in]
};

}  // namespace unmask
