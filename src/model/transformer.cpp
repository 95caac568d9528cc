#include "model/transformer.h"

#include <ATen/ATen.h>

#include "model/place.h"

namespace unmask {
namespace {

std::variant<GatedMlp, Experts> make_mlp(const ModelSpec& spec, const TensorSource& source,
                                         int layer) {
  if (has_experts(spec, layer)) return Experts(source, spec, layer);
  const LayerNames& names = spec.names.in_layer;
  const std::string prefix = numbered(spec.names.layer, layer);
  return GatedMlp(source, prefix + names.gate, prefix + names.up, prefix + names.down);
}

}  // namespace

Transformer::Transformer(const ModelSpec& spec, const TensorSource& source)
    : spec_(spec),
      embedding_(source.matrix(spec.names.embedding)),
      final_norm_(source, spec.names.final_norm, spec.norm_eps),
      head_(spec.tied_head ? embedding_ : source.matrix(spec.names.head)) {
  for (int i = 0; i < spec.layers; ++i) layers_.push_back(make_layer(spec, source, i));
}

Transformer::Layer Transformer::make_layer(const ModelSpec& spec, const TensorSource& source,
                                           int index) {
  const LayerNames& names = spec.names.in_layer;
  const std::string prefix = numbered(spec.names.layer, index);
  return {RmsNorm(source, prefix + names.attention_norm + ".weight", spec.norm_eps),
          SelfAttention(source, spec, index),
          RmsNorm(source, prefix + names.mlp_norm + ".weight", spec.norm_eps),
          make_mlp(spec, source, index)};
}

at::Tensor Transformer::hidden(const Batch& batch, std::vector<at::Tensor>* layers) const {
  at::Tensor x = embedding_->rows(batch.ids);  // [tokens, hidden]
  if (spec_.embedding_scale != 1) x = x * spec_.embedding_scale;
  if (layers != nullptr) layers->push_back(x);
  const Rotation rotation =
      make_rotation(spec_.rotary, spec_.head_dim, batch.positions, x.scalar_type());
  for (const Layer& layer : layers_) {
    x = x + layer.attention(layer.attention_norm(x), rotation, batch);
    x = x + std::visit([&](const auto& mlp) { return mlp(layer.mlp_norm(x)); }, layer.mlp);
    if (layers != nullptr) layers->push_back(x);
  }
  const at::Tensor normalized = final_norm_(x);
  if (layers != nullptr) layers->push_back(normalized);
  return normalized;
}

at::Tensor Transformer::logits(const at::Tensor& rows) const {
  const at::Tensor logits = widened(head_(rows));
  return spec_.logit_scale == 1 ? logits : logits * spec_.logit_scale;
}

}  // namespace unmask
