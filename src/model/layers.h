// The parts that networks are made of.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "family/model_spec.h"
#include "model/matrix.h"
#include "model/tensors.h"

namespace unmask {

/// y = x W^T + b.
class Linear {
 public:
  Linear(const TensorSource& source, const std::string& name, bool bias);
  explicit Linear(std::shared_ptr<const Matrix> weight) : weight_(std::move(weight)) {}

  at::Tensor operator()(const at::Tensor& x) const;  // [..., in] -> [..., out]

 private:
  std::shared_ptr<const Matrix> weight_;  // [out, in]
  std::optional<at::Tensor> bias_;        // [out]
};

/// Root mean square norm: normalised in float32, rounded to the computing type, then weighted.
class RmsNorm {
 public:
  RmsNorm(const TensorSource& source, const std::string& name, double eps);

  at::Tensor operator()(const at::Tensor& x) const;  // [..., features]

 private:
  at::Tensor weight_;  // [features]
  double eps_;
};

/// Cosine and sine of the rotary angles of a batch's positions, shared by all layers.
struct Rotation {
  at::Tensor cos, sin;  // [tokens, 1, rotated dims]; float32 or the computing type
};

/// `positions` [tokens]. Angles are computed in float32.
Rotation make_rotation(const RotarySpec& spec, int head_dim, const at::Tensor& positions,
                       at::ScalarType dtype);

/// Rotates the first numbers of each head of x [tokens, heads, head_dim]; the result has x's type.
at::Tensor rotate(const at::Tensor& x, const Rotation& rotation);

/// SwiGLU feed-forward: down(silu(gate(x)) * up(x)).
class GatedMlp {
 public:
  GatedMlp(const TensorSource& source, const std::string& gate, const std::string& up,
           const std::string& down);

  at::Tensor operator()(const at::Tensor& x) const;  // [tokens, hidden]

 private:
  Linear gate_, up_, down_;
};

}  // namespace unmask
