#include "model/layers.h"

#include <ATen/ATen.h>

#include <utility>

namespace unmask {

Linear::Linear(const TensorSource& source, const std::string& name, bool bias)
    : weight_(source.get(name + ".weight")) {
  if (bias) bias_ = source.get(name + ".bias");
}

Linear::Linear(at::Tensor weight) : weight_(std::move(weight)) {}

at::Tensor Linear::operator()(const at::Tensor& x) const { return at::linear(x, weight_, bias_); }

RmsNorm::RmsNorm(const TensorSource& source, const std::string& name, double eps)
    : weight_(source.get(name)), eps_(eps) {}

at::Tensor RmsNorm::operator()(const at::Tensor& x) const {
  const at::Tensor wide = x.to(at::kFloat);
  const at::Tensor scale = at::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + eps_);
  return (wide * scale).to(x.scalar_type()) * weight_;
}

Rotation make_rotation(const RotarySpec& spec, int head_dim, const at::Tensor& positions,
                       at::ScalarType dtype) {
  const at::Tensor exponents = at::arange(0, head_dim, 2, at::kFloat) / head_dim;
  const at::Tensor frequencies = at::pow(spec.theta, exponents).reciprocal();    // [head_dim / 2]
  const at::Tensor half = positions.to(at::kFloat).unsqueeze(-1) * frequencies;  // [b, t, hd / 2]
  const at::Tensor angles = at::cat({half, half}, -1).unsqueeze(1);              // [b, 1, t, hd]
  const at::ScalarType table = spec.tables_in_compute_type ? dtype : at::kFloat;
  return {angles.cos().to(table), angles.sin().to(table)};
}

at::Tensor rotate(const at::Tensor& x, const Rotation& rotation) {
  const at::Tensor wide = x.to(rotation.cos.scalar_type());
  const auto halves = wide.chunk(2, -1);
  const at::Tensor turned = at::cat({-halves[1], halves[0]}, -1);
  return (wide * rotation.cos + turned * rotation.sin).to(x.scalar_type());
}

SelfAttention::SelfAttention(const TensorSource& source, const std::string& prefix,
                             const ModelSpec& spec)
    : query_(source, prefix + spec.names.in_layer.query, spec.qkv_bias),
      key_(source, prefix + spec.names.in_layer.key, spec.qkv_bias),
      value_(source, prefix + spec.names.in_layer.value, spec.qkv_bias),
      output_(source, prefix + spec.names.in_layer.output, false),
      heads_(spec.heads),
      kv_heads_(spec.kv_heads),
      head_dim_(spec.head_dim) {}

at::Tensor SelfAttention::operator()(const at::Tensor& x, const Rotation& rotation,
                                     const std::optional<at::Tensor>& mask) const {
  const auto batch = x.size(0), tokens = x.size(1);
  const auto split = [&](const at::Tensor& projected, int heads) {
    return projected.view({batch, tokens, heads, head_dim_}).transpose(1, 2);
  };
  const at::Tensor query = rotate(split(query_(x), heads_), rotation);  // [b, heads, t, hd]
  const at::Tensor key = rotate(split(key_(x), kv_heads_), rotation);   // [b, kv_heads, t, hd]
  const at::Tensor value = split(value_(x), kv_heads_);
  const at::Tensor mixed = at::scaled_dot_product_attention(
      query, key, value, mask, /*dropout_p=*/0.0, /*is_causal=*/false, /*scale=*/std::nullopt,
      /*enable_gqa=*/heads_ != kv_heads_);
  return output_(mixed.transpose(1, 2).reshape({batch, tokens, std::int64_t{heads_} * head_dim_}));
}

GatedMlp::GatedMlp(const TensorSource& source, const std::string& prefix, const LayerNames& names)
    : gate_(source, prefix + names.gate, false),
      up_(source, prefix + names.up, false),
      down_(source, prefix + names.down, false) {}

at::Tensor GatedMlp::operator()(const at::Tensor& x) const {
  return down_(at::silu(gate_(x)) * up_(x));
}

}  // namespace unmask
