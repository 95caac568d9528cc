#include "model/diffusion_transformer.h"

#include <ATen/ATen.h>

#include <cmath>

namespace unmask {
namespace {

constexpr int kNoiseFeatures = 256;

/// Cosines, then sines, of the noise level at falling frequencies: [sequences, features].
at::Tensor noise_features(const std::vector<double>& levels, bool known,
                          const at::TensorOptions& wide) {
  constexpr int kHalf = kNoiseFeatures / 2;
  const at::Tensor frequencies = at::exp(at::arange(kHalf, wide) * (-std::log(10000.0) / kHalf));
  const at::Tensor sigma = known ? at::tensor(levels, wide)
                                 : at::zeros({static_cast<std::int64_t>(levels.size())}, wide);
  const at::Tensor angles = sigma.unsqueeze(-1) * frequencies;
  return at::cat({angles.cos(), angles.sin()}, -1);
}

std::optional<Linear> if_adaptive(const ModelSpec& spec, const TensorSource& source,
                                  const std::string& name) {
  if (!spec.diffusion.adaptive) return std::nullopt;
  return Linear(source, name, true);
}

at::Tensor modulate(const at::Tensor& x, const at::Tensor& shift, const at::Tensor& scale) {
  return x * (1 + scale) + shift;
}

}  // namespace

LayerNorm::LayerNorm(const TensorSource& source, const std::string& name, double eps)
    : weight_(source.get(name + ".weight")), eps_(eps) {}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  const at::Tensor wide = widened(x);
  return at::layer_norm(wide, {wide.size(-1)}, {}, {}, eps_).to(x.scalar_type()) * weight_;
}

DiffusionTransformer::DiffusionTransformer(const ModelSpec& spec, const TensorSource& source)
    : spec_(spec),
      place_(source.place()),
      embedding_(source.matrix(spec.names.embedding)),
      noise_in_(if_adaptive(spec, source, "backbone.sigma_map.mlp.0")),
      noise_out_(if_adaptive(spec, source, "backbone.sigma_map.mlp.2")),
      final_modulation_(if_adaptive(spec, source, "backbone.output_layer.adaLN_modulation")),
      final_norm_(source, "backbone.output_layer.norm_final", spec.norm_eps),
      head_(source, "backbone.output_layer.linear", true) {
  for (int i = 0; i < spec.layers; ++i) layers_.push_back(make_layer(spec, source, i));
}

DiffusionTransformer::Layer DiffusionTransformer::make_layer(const ModelSpec& spec,
                                                             const TensorSource& source,
                                                             int index) {
  const std::string prefix = numbered(spec.names.layer, index);
  return {if_adaptive(spec, source, prefix + "adaLN_modulation"),
          LayerNorm(source, prefix + "norm1", spec.norm_eps),
          QkvProjection(source, prefix, spec),
          Linear(source, prefix + "attn_out", false),
          LayerNorm(source, prefix + "norm2", spec.norm_eps),
          Linear(source, prefix + "mlp.0", true),
          Linear(source, prefix + "mlp.2", true)};
}

at::Tensor DiffusionTransformer::conditioning(const Batch& batch) const {
  if (!noise_in_) return {};
  const at::Tensor features =
      noise_features(batch.noise_levels, spec_.diffusion.time_conditioning, place_.wide());
  const at::Tensor inner = at::silu((*noise_in_)(features.to(place_.type)));
  std::vector<std::int64_t> sizes;
  for (const Stretch& stretch : batch.sequences) sizes.push_back(stretch.end - stretch.begin);
  return at::silu((*noise_out_)(inner)).repeat_interleave(at::tensor(sizes, place_.indices()), 0);
}

at::Tensor DiffusionTransformer::run_layer(int index, const at::Tensor& x,
                                           const at::Tensor& conditioning, const Rotation& rotation,
                                           const Batch& batch) const {
  const Layer& layer = layers_[index];
  const Modulation m =
      layer.modulation ? (*layer.modulation)(conditioning).chunk(6, -1) : Modulation();
  const auto shifted = [&](const at::Tensor& normalized, int part) {
    return m.empty() ? normalized : modulate(normalized, m[part], m[part + 1]);
  };
  const auto gated = [&](const at::Tensor& output, int part) {
    return m.empty() ? output : m[part] * output;
  };
  const auto [query, key, value] = layer.project(shifted(layer.attention_norm(x), 0));
  const at::Tensor mixed =
      attend({rotate(query, rotation), rotate(key, rotation), value}, batch, index);
  const at::Tensor y = x + gated(layer.attention_output(mixed), 2);
  const at::Tensor inner = at::gelu(layer.mlp_in(shifted(layer.mlp_norm(y), 3)), "tanh");
  return y + gated(layer.mlp_out(inner), 5);
}

at::Tensor DiffusionTransformer::hidden(const Batch& batch, std::vector<at::Tensor>* layers) const {
  at::Tensor x = embedding_->rows(batch.ids);  // [tokens, hidden]
  if (layers != nullptr) layers->push_back(x);
  const at::Tensor noise = conditioning(batch);
  const Rotation rotation =
      make_rotation(spec_.rotary, spec_.head_dim, batch.positions, x.scalar_type());
  for (int i = 0; i < spec_.layers; ++i) {
    x = run_layer(i, x, noise, rotation, batch);
    if (layers != nullptr) layers->push_back(x);
  }
  const at::Tensor normalized = final_norm_(x);
  if (layers != nullptr) layers->push_back(normalized);
  if (!final_modulation_) return normalized;
  const auto parts = (*final_modulation_)(noise).chunk(2, -1);
  return modulate(normalized, parts[0], parts[1]);
}

at::Tensor DiffusionTransformer::logits(const at::Tensor& rows) const {
  return widened(head_(rows));
}

}  // namespace unmask
