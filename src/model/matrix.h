// A weight matrix, in whatever form it is kept. One file per form: dense_matrix.h, lazy_matrix.h.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

namespace unmask {

/// [out, in]. Immutable; networks share it by pointer, an embedding with the head tied to it.
class Matrix {
 public:
  virtual ~Matrix() = default;

  /// x W^T + bias, [..., in] -> [..., out]; `bias` [out]. Added here because a product that begins
  /// with the bias rounds otherwise than one to which it is added.
  virtual at::Tensor times(const at::Tensor& x, const std::optional<at::Tensor>& bias) const = 0;
  at::Tensor times(const at::Tensor& x) const { return times(x, std::nullopt); }

  /// The rows of `ids`, int64 [tokens]: [tokens, in].
  virtual at::Tensor rows(const at::Tensor& ids) const = 0;
};

}  // namespace unmask
