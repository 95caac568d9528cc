// The parts that the transformer is made of.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>

#include "family/model_spec.h"
#include "model/tensors.h"

namespace unmask {

/// y = x W^T + b.
class Linear {
 public:
  Linear(const TensorSource& source, const std::string& name, bool bias);
  explicit Linear(at::Tensor weight);

  at::Tensor operator()(const at::Tensor& x) const;  // [..., in] -> [..., out]

 private:
  at::Tensor weight_;  // [out, in]
  std::optional<at::Tensor> bias_;
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
  at::Tensor cos, sin;  // [batch, 1, tokens, head_dim]; float32 or the computing type
};

/// `positions` [batch, tokens]. Angles are computed in float32.
Rotation make_rotation(const RotarySpec& spec, int head_dim, const at::Tensor& positions,
                       at::ScalarType dtype);

/// Rotates x [batch, heads, tokens, head_dim]; the result has x's type.
at::Tensor rotate(const at::Tensor& x, const Rotation& rotation);

/// Grouped-query self-attention with rotary positions.
class SelfAttention {
 public:
  SelfAttention(const TensorSource& source, const std::string& prefix, const ModelSpec& spec);

  /// `x` [batch, tokens, hidden]; `mask` nothing (all keys visible) or bool, broadcastable to
  /// [batch, heads, tokens, tokens], true where a key is visible.
  at::Tensor operator()(const at::Tensor& x, const Rotation& rotation,
                        const std::optional<at::Tensor>& mask) const;

 private:
  Linear query_, key_, value_, output_;
  int heads_, kv_heads_, head_dim_;
};

/// SwiGLU feed-forward: down(silu(gate(x)) * up(x)).
class GatedMlp {
 public:
  GatedMlp(const TensorSource& source, const std::string& prefix, const LayerNames& names);

  at::Tensor operator()(const at::Tensor& x) const;  // [batch, tokens, hidden]

 private:
  Linear gate_, up_, down_;
};

}  // namespace unmask
