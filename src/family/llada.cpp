// LLaDA 8B Base, Instruct and 1.5 (GSAI-ML). Reference: modeling_llada.py beside the weights, and
// generate.py of ML-GSAI/LLaDA.
#include <cmath>

#include "family/config_reader.h"
#include "family/registry.h"

namespace unmask {
namespace {

bool recognises(std::string_view model_type, std::string_view architecture) {
  // LLaDA-MoE shares the model type; its architecture tells them apart.
  return model_type == "llada" && architecture.find("MoE") == std::string_view::npos;
}

/// The OLMo code base that LLaDA grew from has many switches; the released models use these values.
void check_switches(const JsonField& config) {
  require_text(config, "block_type", "llama", "sequential");
  require_text(config, "activation_type", "silu", "swiglu");
  require_text(config, "layer_norm_type", "rms", "default");
  require_boolean(config, "rope", true, false);
  require_boolean(config, "rope_full_precision", true, true);
  require_boolean(config, "alibi", false, false);
  require_boolean(config, "include_bias", false, false);
  require_boolean(config, "bias_for_layer_norm", false, false);
  require_boolean(config, "layer_norm_with_affine", true, true);
  require_boolean(config, "attention_layer_norm", false, false);
  if (config.integer_or("block_group_size", 1, 1, kMaxLayers) != 1) {
    throw config.at("block_group_size").error("must be 1");
  }
}

ModelSpec read_spec(const JsonField& config) {
  check_switches(config);
  ModelSpec spec;
  spec.hidden = read_size_or(config, "d_model", 768, kMaxWidth);
  spec.layers = read_size_or(config, "n_layers", 12, kMaxLayers);
  spec.heads = read_size_or(config, "n_heads", 12, kMaxHeads);
  const bool one_kv_head = config.boolean_or("multi_query_attention", false);
  spec.kv_heads = read_size_or(config, "n_kv_heads", one_kv_head ? 1 : spec.heads, kMaxHeads);
  if (spec.hidden % spec.heads != 0) {
    throw config.at("d_model").error("is not a multiple of 'n_heads', " +
                                     std::to_string(spec.heads));
  }
  spec.head_dim = spec.hidden / spec.heads;
  const int ratio = read_size_or(config, "mlp_ratio", 4, 1024);
  spec.intermediate = read_size_or(config, "mlp_hidden_size", ratio * spec.hidden, kMaxWidth);
  spec.vocab_rows = read_size_or(config, "embedding_size",
                                 read_size_or(config, "vocab_size", 50257, kMaxVocab), kMaxVocab);
  spec.norm_eps = config.number_or("rms_norm_eps", 1e-5, 0, 1);
  spec.rotary.theta = config.number_or("rope_theta", 10000, 1, 1e15);
  spec.qkv_bias = config.boolean_or("include_qkv_bias", false);
  spec.tied_head = config.boolean_or("weight_tying", true);
  if (config.boolean_or("input_emb_norm", false)) spec.embedding_scale = std::sqrt(spec.hidden);
  if (config.boolean_or("scale_logits", false)) spec.logit_scale = 1 / std::sqrt(spec.hidden);
  check_heads(spec, config);

  spec.names = {.embedding = "model.transformer.wte.weight",
                .layer = "model.transformer.blocks.{}.",
                .in_layer = {.attention_norm = "attn_norm",
                             .query = "q_proj",
                             .key = "k_proj",
                             .value = "v_proj",
                             .output = "attn_out",
                             .mlp_norm = "ff_norm",
                             .gate = "ff_proj",
                             .up = "up_proj",
                             .down = "ff_out"},
                .final_norm = "model.transformer.ln_f.weight",
                .head = "model.transformer.ff_out.weight"};
  return spec;
}

ModelFacts read(const JsonField& config) {
  ModelFacts facts;
  facts.spec = read_spec(config);
  facts.vocab = read_size_or(config, "vocab_size", facts.spec.vocab_rows, kMaxVocab);
  facts.mask_id = static_cast<int>(config.integer_or("mask_token_id", 126336, 0, kMaxVocab));
  facts.end_ids = read_token_ids(config, "eos_token_id", {126081});
  // max_sequence_length only sizes a table in the reference, which goes beyond it; so no context.
  return facts;
}

DecodeOptions reference(const ModelFacts&) {
  DecodeOptions options;
  options.length = 128;
  options.steps = 128;
  options.block = 128;
  return options;
}

}  // namespace

const Family kLlada{"llada",  "LLaDA 8B Base and Instruct, LLaDA 1.5", recognises, nullptr, read,
                    reference};

}  // namespace unmask
