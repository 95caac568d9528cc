// LLaDA-MoE 7B-A1B Base and Instruct (inclusionAI). Reference: modeling_lladamoe.py beside the
// weights, and generate.py of ML-GSAI/LLaDA.
#include "family/config_reader.h"
#include "family/hugging_face.h"
#include "family/registry.h"

namespace unmask {
namespace {

bool recognises(std::string_view model_type, std::string_view architecture) {
  // The published files have the model type of the dense LLaDA.
  const bool with_experts = architecture.find("MoE") != std::string_view::npos;
  return (model_type == "llada" && with_experts) || model_type == "lladamoe";
}

/// Layers whose entry in `moe_layer_freq` is 0.
std::vector<int> read_dense_layers(const JsonField& config, int layers) {
  std::vector<int> dense;
  if (!config.has("moe_layer_freq")) return dense;
  const JsonField frequencies = config.at("moe_layer_freq");
  if (frequencies.size() != static_cast<std::size_t>(layers)) {
    throw frequencies.error("has " + std::to_string(frequencies.size()) + " entries for " +
                            std::to_string(layers) + " layers");
  }
  for (int i = 0; i < layers; ++i) {
    if (frequencies.at(static_cast<std::size_t>(i)).integer(0, 1) == 0) dense.push_back(i);
  }
  return dense;
}

/// The reference looks at neither groups, nor a scaling factor, nor `norm_topk_prob`.
void read_experts(const JsonField& config, ModelSpec& spec) {
  require_text(config, "moe_router_score_function", "softmax", "softmax");
  ExpertsSpec& experts = spec.experts;
  experts.count = read_size(config, "num_experts", kMaxExperts);
  experts.per_token = read_size(config, "num_experts_per_tok", kMaxExperts);
  experts.intermediate = read_size(config, "expert_intermediate_size", kMaxWidth);
  experts.bias = config.boolean_or("moe_router_enable_expert_bias", false);
  experts.biased_mix = experts.bias;
  experts.shared_intermediate =
      static_cast<int>(config.integer_or("shared_expert_intermediate_size", 0, 0, kMaxWidth));
  experts.dense_layers = read_dense_layers(config, spec.layers);
  check_experts(spec, config);
  LayerNames& names = spec.names.in_layer;
  name_experts(names);
  names.expert_bias = "mlp.expert_bias";
  names.shared = "shared_expert.";
}

ModelFacts read(const JsonField& config) {
  ModelFacts facts;
  facts.spec =
      read_shared_keys(config, {.intermediate = "dense_intermediate_size", .partial_rotary = true});
  read_attention_bias(config, facts.spec);
  if (config.at("qk_layernorm").boolean()) add_qk_norm(facts.spec);
  facts.spec.clip_qkv = config.number_or("clip_qkv", 0, 0, 1e6);
  read_experts(config, facts.spec);
  facts.vocab = facts.spec.vocab_rows;
  facts.mask_id = read_token_id(config, "mask_token_id");
  facts.end_ids = read_token_ids(config, "eos_token_id", {});
  facts.context = read_context(config);
  return facts;
}

DecodeOptions reference(const ModelFacts& facts) { return kLlada.reference(facts); }

}  // namespace

const Family kLladaMoe{"llada-moe", "LLaDA-MoE 7B-A1B Base and Instruct", recognises, nullptr, read,
                       reference};

}  // namespace unmask
