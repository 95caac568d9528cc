#include "family/model_spec.h"

#include <algorithm>

#include "unmask/error.h"

namespace unmask {

void check_ids(std::span<const int> ids, const ModelSpec& spec) {
  const auto bad =
      std::find_if(ids.begin(), ids.end(), [&](int id) { return id < 0 || id >= spec.vocab_rows; });
  if (bad == ids.end()) return;
  throw Error(ErrorCode::usage, "token id " + std::to_string(*bad) + " at position " +
                                    std::to_string(bad - ids.begin()) +
                                    " is not one of the model's; it has ids 0 to " +
                                    std::to_string(spec.vocab_rows - 1));
}

std::string layer_prefix(const ModelSpec& spec, int layer) {
  std::string prefix = spec.names.layer;
  return prefix.replace(prefix.find("{}"), 2, std::to_string(layer));
}

std::vector<TensorSpec> needed_tensors(const ModelSpec& spec) {
  const std::int64_t hidden = spec.hidden, vocab = spec.vocab_rows, mlp = spec.intermediate;
  const std::int64_t queries = std::int64_t{spec.heads} * spec.head_dim;
  const std::int64_t keys = std::int64_t{spec.kv_heads} * spec.head_dim;
  const TensorNames& names = spec.names;

  std::vector<TensorSpec> needed{{names.embedding, {vocab, hidden}}, {names.final_norm, {hidden}}};
  if (!spec.tied_head) needed.push_back({names.head, {vocab, hidden}});
  for (int i = 0; i < spec.layers; ++i) {
    const std::string prefix = layer_prefix(spec, i);
    const auto projection = [&](const std::string& name, std::int64_t out, std::int64_t in,
                                bool bias) {
      needed.push_back({prefix + name + ".weight", {out, in}});
      if (bias) needed.push_back({prefix + name + ".bias", {out}});
    };
    const LayerNames& in_layer = names.in_layer;
    needed.push_back({prefix + in_layer.attention_norm + ".weight", {hidden}});
    projection(in_layer.query, queries, hidden, spec.qkv_bias);
    projection(in_layer.key, keys, hidden, spec.qkv_bias);
    projection(in_layer.value, keys, hidden, spec.qkv_bias);
    projection(in_layer.output, hidden, queries, false);
    needed.push_back({prefix + in_layer.mlp_norm + ".weight", {hidden}});
    projection(in_layer.gate, mlp, hidden, false);
    projection(in_layer.up, mlp, hidden, false);
    projection(in_layer.down, hidden, mlp, false);
  }
  return needed;
}

}  // namespace unmask
