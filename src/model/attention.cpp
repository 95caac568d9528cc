#include "model/attention.h"

#include <ATen/ATen.h>

namespace unmask {
namespace {

/// The keys and values that a sequence's queries look at, [kv_heads, keys, head_dim]. Those
/// computed in this pass are put into the cache first.
KeyValueCache::Layer seen(const at::Tensor& key, const at::Tensor& value, const Stretch& stretch,
                          int layer) {
  if (stretch.cache == nullptr) {
    const std::int64_t begin = stretch.keys_begin - stretch.first;
    return {key.slice(1, begin), value.slice(1, begin)};
  }
  KeyValueCache::Layer& cached = stretch.cache->layer(layer);
  const auto put = [&](at::Tensor& all, const at::Tensor& computed) {
    if (stretch.indices.defined()) {
      all.index_copy_(1, stretch.indices, computed);
    } else {
      all.slice(1, stretch.first, stretch.first + computed.size(1)).copy_(computed);
    }
  };
  put(cached.keys, key);
  put(cached.values, value);
  return {cached.keys.slice(1, stretch.keys_begin, stretch.keys_end),
          cached.values.slice(1, stretch.keys_begin, stretch.keys_end)};
}

at::Tensor attend_one(const QueryKeyValue& rotated, const Stretch& stretch, int layer) {
  const auto own = [&](const at::Tensor& all) {  // [heads, tokens, head_dim]
    return all.slice(0, stretch.begin, stretch.end).transpose(0, 1);
  };
  const at::Tensor query = own(rotated.query);
  const auto [keys, values] = seen(own(rotated.key), own(rotated.value), stretch, layer);
  const at::Tensor mixed = at::scaled_dot_product_attention(
      query.unsqueeze(0), keys.unsqueeze(0), values.unsqueeze(0), stretch.mask, /*dropout_p=*/0.0,
      /*is_causal=*/false, /*scale=*/std::nullopt,
      /*enable_gqa=*/query.size(0) != keys.size(0));
  return mixed.squeeze(0).transpose(0, 1).flatten(1);
}

}  // namespace

QkvProjection::QkvProjection(const TensorSource& source, const std::string& prefix,
                             const ModelSpec& spec)
    : layout_(spec.qkv), heads_(spec.heads), kv_heads_(spec.kv_heads), head_dim_(spec.head_dim) {
  const LayerNames& names = spec.names.in_layer;
  projections_.emplace_back(source, prefix + names.query, spec.qkv_bias);
  if (layout_ != QkvLayout::separate) return;
  projections_.emplace_back(source, prefix + names.key, spec.qkv_bias);
  projections_.emplace_back(source, prefix + names.value, spec.qkv_bias);
}

QueryKeyValue QkvProjection::operator()(const at::Tensor& x) const {
  const auto split = [&](const at::Tensor& projected) {
    return projected.unflatten(-1, {-1, head_dim_});  // [tokens, heads, head_dim]
  };
  const at::Tensor first = split(projections_.front()(x));
  if (layout_ == QkvLayout::separate) {
    return {first, split(projections_[1](x)), split(projections_[2](x))};
  }
  if (layout_ == QkvLayout::fused) {
    const auto parts = first.split_with_sizes({heads_, kv_heads_, kv_heads_}, 1);
    return {parts[0], parts[1], parts[2]};
  }
  const at::Tensor groups = first.unflatten(1, {kv_heads_, -1});  // [tokens, groups, ., head_dim]
  const auto parts = groups.split_with_sizes({heads_ / kv_heads_, 1, 1}, 2);
  return {parts[0].flatten(1, 2), parts[1].flatten(1, 2), parts[2].flatten(1, 2)};
}

at::Tensor attend(const QueryKeyValue& rotated, const Batch& batch, int layer) {
  if (batch.sequences.size() == 1) return attend_one(rotated, batch.sequences[0], layer);
  std::vector<at::Tensor> parts;
  for (const Stretch& stretch : batch.sequences) {
    parts.push_back(attend_one(rotated, stretch, layer));
  }
  return at::cat(parts);
}

SelfAttention::SelfAttention(const TensorSource& source, const ModelSpec& spec, int layer)
    : layer_(layer),
      project_(source, numbered(spec.names.layer, layer), spec),
      clip_(spec.clip_qkv),
      output_(source, numbered(spec.names.layer, layer) + spec.names.in_layer.output,
              spec.output_bias) {
  const auto head_norm = [&](const std::string& name, std::optional<RmsNorm>& norm) {
    if (name.empty()) return;
    norm.emplace(source, numbered(spec.names.layer, layer) + name + ".weight", spec.norm_eps);
  };
  head_norm(spec.names.in_layer.query_norm, query_norm_);
  head_norm(spec.names.in_layer.key_norm, key_norm_);
}

at::Tensor SelfAttention::operator()(const at::Tensor& x, const Rotation& rotation,
                                     const Batch& batch) const {
  auto [query, key, value] = project_(x);
  if (query_norm_) query = (*query_norm_)(query);
  if (key_norm_) key = (*key_norm_)(key);
  if (clip_ > 0) {
    for (at::Tensor* part : {&query, &key, &value}) *part = part->clamp(-clip_, clip_);
  }
  return output_(attend({rotate(query, rotation), rotate(key, rotation), value}, batch, layer_));
}

}  // namespace unmask
