// Grouped-query self-attention with rotary positions over packed sequences.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "family/model_spec.h"
#include "model/layers.h"
#include "model/network.h"

namespace unmask {

struct QueryKeyValue {
  at::Tensor query;       // [tokens, heads, head_dim]
  at::Tensor key, value;  // [tokens, kv_heads, head_dim]
};

/// The three projections, whether they are one tensor in the checkpoint or three.
class QkvProjection {
 public:
  QkvProjection(const TensorSource& source, const std::string& prefix, const ModelSpec& spec);

  QueryKeyValue operator()(const at::Tensor& x) const;  // [tokens, hidden]

 private:
  QkvLayout layout_;
  std::int64_t heads_, kv_heads_, head_dim_;
  std::vector<Linear> projections_;  // one, or query, key and value
};

/// Every sequence of the batch by itself, together with what its cache of `layer` holds. The keys
/// are rotated already. Returns [tokens, heads * head_dim].
at::Tensor attend(const QueryKeyValue& rotated, const Batch& batch, int layer);

class SelfAttention {
 public:
  SelfAttention(const TensorSource& source, const ModelSpec& spec, int layer);

  at::Tensor operator()(const at::Tensor& x, const Rotation& rotation, const Batch& batch) const;

 private:
  int layer_;
  QkvProjection project_;
  std::optional<RmsNorm> query_norm_, key_norm_;
  double clip_;
  Linear output_;
};

}  // namespace unmask
