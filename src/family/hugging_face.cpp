#include "family/hugging_face.h"

#include <optional>

#include "family/config_reader.h"

namespace unmask {
namespace {

/// Where the scaling of the rotary frequencies is described; nothing where there is none. Newer
/// files have it together with the base in `rope_parameters`.
std::optional<JsonField> rotary_scaling(const JsonField& config) {
  if (config.has("rope_parameters")) return config.at("rope_parameters");
  if (!config.has("rope_scaling")) return std::nullopt;
  const JsonField scaling = config.at("rope_scaling");
  if (scaling.value().is_object()) return scaling;
  if (scaling.value() == false) return std::nullopt;
  throw scaling.error("must be an object, false or null");
}

Llama3Rope read_llama3_rope(const JsonField& scaling) {
  Llama3Rope rope;
  rope.factor = scaling.at("factor").number(1, 1e6);
  rope.low = scaling.at("low_freq_factor").number(1e-3, 1e6);
  rope.high = scaling.at("high_freq_factor").number(1e-3, 1e6);
  rope.original_context = read_size(scaling, "original_max_position_embeddings", kMaxContext);
  if (rope.high > rope.low) return rope;
  throw scaling.at("high_freq_factor").error("must be above 'low_freq_factor'");
}

std::optional<Llama3Rope> read_rotary_scaling(const JsonField& config, bool llama3_known) {
  const auto scaling = rotary_scaling(config);
  if (!scaling) return std::nullopt;
  const std::string type = scaling->text_or("rope_type", scaling->text_or("type", "default"));
  if (type == "default") return std::nullopt;
  if (type == "llama3" && llama3_known) return read_llama3_rope(*scaling);
  throw scaling->error("has the type '" + type + "', which is not supported");
}

/// How many values of a head are rotated; 0 for all.
int read_rotated_values(const JsonField& config, int head_dim, bool partial_known) {
  const JsonField newer = config.has("rope_parameters") ? config.at("rope_parameters") : config;
  const JsonField& source = newer.has("partial_rotary_factor") ? newer : config;
  const double factor = source.number_or("partial_rotary_factor", 1, 1e-6, 1);
  if (factor == 1) return 0;
  const JsonField field = source.at("partial_rotary_factor");
  if (!partial_known) throw field.error("must be 1");
  const int rotated = static_cast<int>(head_dim * factor);
  if (rotated > 0 && rotated % 2 == 0) return rotated;
  throw field.error("leaves " + std::to_string(rotated) + " values of a head of " +
                    std::to_string(head_dim) + " to be rotated: it must be an even number");
}

RotarySpec read_rotary(const JsonField& config, int head_dim, const SharedKeys& keys) {
  const JsonField newer = config.has("rope_parameters") ? config.at("rope_parameters") : config;
  RotarySpec rotary;
  rotary.theta = (newer.has("rope_theta") ? newer : config).at("rope_theta").number(1, 1e15);
  rotary.dims = read_rotated_values(config, head_dim, keys.partial_rotary);
  rotary.tables = RotaryTables::compute_type;
  rotary.llama3 = read_rotary_scaling(config, keys.llama3_rope);
  return rotary;
}

void refuse_sliding_windows(const JsonField& config) {
  require_boolean(config, "use_sliding_window", false, false);
  if (!config.has("layer_types")) return;
  const JsonField types = config.at("layer_types");
  for (std::size_t i = 0; i < types.size(); ++i) {
    const JsonField type = types.at(i);
    if (type.text() != "full_attention") throw type.error("must be 'full_attention'");
  }
}

int read_head_dim(const JsonField& config, const ModelSpec& spec) {
  if (config.has("head_dim")) return read_size(config, "head_dim", kMaxWidth);
  if (spec.hidden % spec.heads == 0) return spec.hidden / spec.heads;
  throw config.at("hidden_size")
      .error("is not a multiple of 'num_attention_heads', " + std::to_string(spec.heads));
}

TensorNames dense_names() {
  return {.embedding = "model.embed_tokens.weight",
          .layer = "model.layers.{}.",
          .in_layer = {.attention_norm = "input_layernorm",
                       .query = "self_attn.q_proj",
                       .key = "self_attn.k_proj",
                       .value = "self_attn.v_proj",
                       .output = "self_attn.o_proj",
                       .mlp_norm = "post_attention_layernorm",
                       .gate = "mlp.gate_proj",
                       .up = "mlp.up_proj",
                       .down = "mlp.down_proj"},
          .final_norm = "model.norm.weight",
          .head = "lm_head.weight"};
}

}  // namespace

ModelSpec read_shared_keys(const JsonField& config, const SharedKeys& keys) {
  require_text(config, "hidden_act", "silu", "silu");
  refuse_sliding_windows(config);
  ModelSpec spec;
  spec.hidden = read_size(config, "hidden_size", kMaxWidth);
  spec.layers = read_size(config, "num_hidden_layers", kMaxLayers);
  spec.heads = read_size(config, "num_attention_heads", kMaxHeads);
  spec.kv_heads = read_size_or(config, "num_key_value_heads", spec.heads, kMaxHeads);
  spec.head_dim = read_head_dim(config, spec);
  spec.intermediate = read_size(config, keys.intermediate, kMaxWidth);
  spec.vocab_rows = read_size(config, "vocab_size", kMaxVocab);
  spec.norm_eps = config.number_or("rms_norm_eps", 1e-6, 0, 1);
  check_heads(spec, config);
  spec.rotary = read_rotary(config, spec.head_dim, keys);
  spec.tied_head = config.boolean_or("tie_word_embeddings", false);
  spec.names = dense_names();
  return spec;
}

void read_attention_bias(const JsonField& config, ModelSpec& spec) {
  spec.qkv_bias = spec.output_bias = config.boolean_or("attention_bias", false);
}

void add_qk_norm(ModelSpec& spec) {
  spec.names.in_layer.query_norm = "self_attn.q_norm";
  spec.names.in_layer.key_norm = "self_attn.k_norm";
}

void read_qwen_experts(const JsonField& config, ModelSpec& spec) {
  spec.experts.count = read_size(config, "num_experts", kMaxExperts);
  spec.experts.per_token = read_size(config, "num_experts_per_tok", kMaxExperts);
  spec.experts.intermediate = read_size(config, "moe_intermediate_size", kMaxWidth);
  spec.experts.renormalize = config.boolean_or("norm_topk_prob", false);
  check_experts(spec, config);
  name_experts(spec.names.in_layer);
}

int read_context(const JsonField& config) {
  return read_size(config, "max_position_embeddings", kMaxContext);
}

}  // namespace unmask
