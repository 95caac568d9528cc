#include "model/layers.h"

#include <ATen/ATen.h>

#include <numbers>

#include "model/place.h"

namespace unmask {
namespace {

/// Inverse wavelengths, [dims / 2].
at::Tensor frequencies(const RotarySpec& spec, int dims, const at::TensorOptions& wide) {
  const at::Tensor exponents = at::arange(0, dims, 2, wide) / dims;
  const at::Tensor plain = at::pow(spec.theta, exponents).reciprocal();
  if (!spec.llama3) return plain;
  const auto& [factor, low, high, original] = *spec.llama3;
  const at::Tensor wavelength = 2 * std::numbers::pi / plain;
  const at::Tensor slow = plain / factor;
  const at::Tensor smooth = (original / wavelength - low) / (high - low);
  const at::Tensor between = (1 - smooth) * slow + smooth * plain;
  return at::where(wavelength.gt(original / low), slow,
                   at::where(wavelength.lt(original / high), plain, between));
}

at::Tensor in_table_type(const at::Tensor& table, RotaryTables kind, at::ScalarType dtype) {
  switch (kind) {
    case RotaryTables::float32:
      return table;
    case RotaryTables::compute_type:
      return table.to(dtype);
    case RotaryTables::bfloat16:
      return widened(table.to(at::kBFloat16));
  }
  return table;
}

}  // namespace

Linear::Linear(const TensorSource& source, const std::string& name, bool bias)
    : weight_(source.matrix(name + ".weight")) {
  if (bias) bias_ = source.get(name + ".bias");
}

at::Tensor Linear::operator()(const at::Tensor& x) const { return weight_->times(x, bias_); }

RmsNorm::RmsNorm(const TensorSource& source, const std::string& name, double eps)
    : weight_(source.get(name)), eps_(eps) {}

at::Tensor RmsNorm::operator()(const at::Tensor& x) const {
  const at::Tensor wide = widened(x);
  const at::Tensor scale = at::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + eps_);
  return (wide * scale).to(x.scalar_type()) * weight_;
}

Rotation make_rotation(const RotarySpec& spec, int head_dim, const at::Tensor& positions,
                       at::ScalarType dtype) {
  const int dims = spec.dims > 0 ? spec.dims : head_dim;
  const at::Tensor half =
      widened(positions).unsqueeze(-1) * frequencies(spec, dims, wide_beside(positions));
  const at::Tensor angles = at::cat({half, half}, -1).unsqueeze(1);  // [tokens, 1, dims]
  return {in_table_type(angles.cos(), spec.tables, dtype),
          in_table_type(angles.sin(), spec.tables, dtype)};
}

at::Tensor rotate(const at::Tensor& x, const Rotation& rotation) {
  const std::int64_t dims = rotation.cos.size(-1);
  const at::Tensor wide = x.slice(-1, 0, dims).to(rotation.cos.scalar_type());
  const auto halves = wide.chunk(2, -1);
  const at::Tensor turned = at::cat({-halves[1], halves[0]}, -1);
  const at::Tensor rotated = (wide * rotation.cos + turned * rotation.sin).to(x.scalar_type());
  return dims == x.size(-1) ? rotated : at::cat({rotated, x.slice(-1, dims)}, -1);
}

GatedMlp::GatedMlp(const TensorSource& source, const std::string& gate, const std::string& up,
                   const std::string& down)
    : gate_(source, gate, false), up_(source, up, false), down_(source, down, false) {}

at::Tensor GatedMlp::operator()(const at::Tensor& x) const {
  return down_(at::silu(gate_(x)) * up_(x));
}

}  // namespace unmask
