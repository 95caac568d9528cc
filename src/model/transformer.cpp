#include "model/transformer.h"

#include <ATen/ATen.h>

namespace unmask {

Transformer::Transformer(const ModelSpec& spec, const TensorSource& source)
    : spec_(spec),
      embedding_(source.get(spec.names.embedding)),
      final_norm_(source, spec.names.final_norm, spec.norm_eps),
      head_(spec.tied_head ? embedding_ : source.get(spec.names.head)) {
  const LayerNames& names = spec.names.in_layer;
  for (int i = 0; i < spec.layers; ++i) {
    const std::string prefix = layer_prefix(spec, i);
    layers_.push_back({RmsNorm(source, prefix + names.attention_norm + ".weight", spec.norm_eps),
                       SelfAttention(source, prefix, spec),
                       RmsNorm(source, prefix + names.mlp_norm + ".weight", spec.norm_eps),
                       GatedMlp(source, prefix, names)});
  }
}

at::Tensor Transformer::hidden(const Batch& batch, std::vector<at::Tensor>* layers) const {
  at::Tensor x = at::embedding(embedding_, batch.ids);  // [batch, tokens, hidden]
  if (spec_.embedding_scale != 1) x = x * spec_.embedding_scale;
  if (layers != nullptr) layers->push_back(x);
  const Rotation rotation =
      make_rotation(spec_.rotary, spec_.head_dim, batch.positions, x.scalar_type());
  for (const Layer& layer : layers_) {
    x = x + layer.attention(layer.attention_norm(x), rotation, batch.mask);
    x = x + layer.mlp(layer.mlp_norm(x));
    if (layers != nullptr) layers->push_back(x);
  }
  return x;
}

at::Tensor Transformer::normalize(const at::Tensor& rows) const { return final_norm_(rows); }

at::Tensor Transformer::logits(const at::Tensor& normalized) const {
  const at::Tensor logits = head_(normalized).to(at::kFloat);
  return spec_.logit_scale == 1 ? logits : logits * spec_.logit_scale;
}

}  // namespace unmask
