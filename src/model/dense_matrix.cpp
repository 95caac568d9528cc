#include "model/dense_matrix.h"

#include <ATen/ATen.h>

namespace unmask {

at::Tensor DenseMatrix::times(const at::Tensor& x, const std::optional<at::Tensor>& bias) const {
  return at::linear(x, values_, bias);
}

at::Tensor DenseMatrix::rows(const at::Tensor& ids) const { return at::embedding(values_, ids); }

}  // namespace unmask
