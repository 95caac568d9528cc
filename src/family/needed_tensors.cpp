// needed_tensors() of model_spec.h.
#include "family/model_spec.h"

namespace unmask {
namespace {

/// Collects the tensors below one prefix.
class List {
 public:
  explicit List(std::vector<TensorSpec>& needed, std::string prefix = "")
      : needed_(needed), prefix_(std::move(prefix)) {}

  List below(const std::string& prefix) const { return List(needed_, prefix_ + prefix); }

  void add(const std::string& name, std::vector<std::int64_t> shape,
           const std::string& copy_of = "") {
    needed_.push_back({prefix_ + name, std::move(shape), copy_of});
  }
  void norm(const std::string& name, std::int64_t size) {
    if (!name.empty()) add(name + ".weight", {size});
  }
  void linear(const std::string& name, std::int64_t out, std::int64_t in, bool bias = false) {
    add(name + ".weight", {out, in});
    if (bias) add(name + ".bias", {out});
  }

 private:
  std::vector<TensorSpec>& needed_;
  std::string prefix_;
};

std::int64_t head_rows(const ModelSpec& spec) {
  return spec.head_rows > 0 ? spec.head_rows : spec.vocab_rows;
}

void add_attention(const ModelSpec& spec, List list) {
  const LayerNames& names = spec.names.in_layer;
  const std::int64_t queries = std::int64_t{spec.heads} * spec.head_dim;
  const std::int64_t keys = std::int64_t{spec.kv_heads} * spec.head_dim;
  if (spec.qkv == QkvLayout::separate) {
    list.linear(names.query, queries, spec.hidden, spec.qkv_bias);
    list.linear(names.key, keys, spec.hidden, spec.qkv_bias);
    list.linear(names.value, keys, spec.hidden, spec.qkv_bias);
  } else {
    list.linear(names.query, queries + 2 * keys, spec.hidden, spec.qkv_bias);
  }
  list.norm(names.query_norm, spec.head_dim);
  list.norm(names.key_norm, spec.head_dim);
  list.linear(names.output, spec.hidden, queries, spec.output_bias);
}

void add_gated_mlp(const std::string& gate, const std::string& up, const std::string& down,
                   std::int64_t inner, std::int64_t hidden, List list) {
  list.linear(gate, inner, hidden);
  list.linear(up, inner, hidden);
  list.linear(down, hidden, inner);
}

void add_experts(const ModelSpec& spec, List list) {
  const LayerNames& names = spec.names.in_layer;
  const auto add = [&](const std::string& prefix, int inner) {
    add_gated_mlp(names.expert_gate, names.expert_up, names.expert_down, inner, spec.hidden,
                  list.below(prefix));
  };
  list.linear(names.router, spec.experts.count, spec.hidden);
  if (spec.experts.bias) list.add(names.expert_bias, {spec.experts.count});
  for (int i = 0; i < spec.experts.count; ++i) {
    add(numbered(names.expert, i), spec.experts.intermediate);
  }
  if (spec.experts.shared_intermediate > 0) add(names.shared, spec.experts.shared_intermediate);
}

void add_transformer(const ModelSpec& spec, List list) {
  const TensorNames& names = spec.names;
  list.add(names.embedding, {spec.vocab_rows, spec.hidden});
  list.add(names.final_norm, {spec.hidden});
  list.add(names.head, {head_rows(spec), spec.hidden}, spec.tied_head ? names.embedding : "");
  for (int i = 0; i < spec.layers; ++i) {
    List layer = list.below(numbered(names.layer, i));
    layer.norm(names.in_layer.attention_norm, spec.hidden);
    add_attention(spec, layer);
    layer.norm(names.in_layer.mlp_norm, spec.hidden);
    if (has_experts(spec, i)) {
      add_experts(spec, layer);
    } else {
      add_gated_mlp(names.in_layer.gate, names.in_layer.up, names.in_layer.down, spec.intermediate,
                    spec.hidden, layer);
    }
  }
}

void add_diffusion_layer(const ModelSpec& spec, List list) {
  const std::int64_t hidden = spec.hidden;
  if (spec.diffusion.adaptive) {
    list.linear("adaLN_modulation", 6 * hidden, spec.diffusion.conditioning, true);
  }
  list.norm("norm1", hidden);
  list.linear(spec.names.in_layer.query, 3 * hidden, hidden);
  list.linear("attn_out", hidden, hidden);
  list.norm("norm2", hidden);
  list.linear("mlp.0", spec.intermediate, hidden, true);
  list.linear("mlp.2", hidden, spec.intermediate, true);
}

void add_diffusion_transformer(const ModelSpec& spec, List list) {
  constexpr int kNoiseFeatures = 256;
  const std::int64_t hidden = spec.hidden, conditioning = spec.diffusion.conditioning;
  list.add(spec.names.embedding, {spec.vocab_rows, hidden});
  if (spec.diffusion.adaptive) {
    list.linear("backbone.sigma_map.mlp.0", conditioning, kNoiseFeatures, true);
    list.linear("backbone.sigma_map.mlp.2", conditioning, conditioning, true);
    list.linear("backbone.output_layer.adaLN_modulation", 2 * hidden, conditioning, true);
  }
  list.norm("backbone.output_layer.norm_final", hidden);
  list.linear("backbone.output_layer.linear", head_rows(spec), hidden, true);
  for (int i = 0; i < spec.layers; ++i) {
    add_diffusion_layer(spec, list.below(numbered(spec.names.layer, i)));
  }
}

}  // namespace

std::vector<TensorSpec> needed_tensors(const ModelSpec& spec) {
  std::vector<TensorSpec> needed;
  switch (spec.network) {
    case NetworkKind::transformer:
      add_transformer(spec, List(needed));
      break;
    case NetworkKind::diffusion_transformer:
      add_diffusion_transformer(spec, List(needed));
      break;
    case NetworkKind::exported:
      break;
  }
  return needed;
}

}  // namespace unmask
