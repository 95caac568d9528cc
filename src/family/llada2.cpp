// LLaDA2.0 and LLaDA2.1, mini and flash (inclusionAI): one network, two ways to decode. Reference:
// modeling_llada2_moe.py beside the weights of each.
#include "family/config_reader.h"
#include "family/hugging_face.h"
#include "family/registry.h"

namespace unmask {
namespace {

bool recognises(std::string_view model_type, std::string_view) {
  return model_type == "llada2_moe";
}
bool never(std::string_view, std::string_view) { return false; }
bool could_be(std::string_view model_type) { return model_type == "llada2_moe"; }

void check_switches(const JsonField& config) {
  require_text(config, "score_function", "sigmoid", "sigmoid");
  require_boolean(config, "moe_router_enable_expert_bias", true, true);
  require_boolean(config, "use_rmsnorm", true, true);
  require_boolean(config, "norm_head", false, false);
  require_boolean(config, "norm_softmax", false, false);
}

void read_experts(const JsonField& config, ModelSpec& spec) {
  ExpertsSpec& experts = spec.experts;
  experts.count = read_size(config, "num_experts", kMaxExperts);
  experts.per_token = read_size(config, "num_experts_per_tok", kMaxExperts);
  experts.intermediate = read_size(config, "moe_intermediate_size", kMaxWidth);
  experts.router = Router::sigmoid_groups;
  experts.bias = true;
  experts.renormalize = experts.per_token > 1;  // the reference leaves a single weight as it is
  experts.scale = config.number_or("routed_scaling_factor", 1, 1e-6, 1e6);
  experts.groups = read_size_or(config, "n_group", 1, kMaxExperts);
  experts.top_groups = read_size_or(config, "topk_group", experts.groups, kMaxExperts);
  const auto shared =
      config.integer_or("num_shared_experts", 0, 0, kMaxWidth / experts.intermediate);
  experts.shared_intermediate = static_cast<int>(shared * experts.intermediate);
  const auto dense = config.integer_or("first_k_dense_replace", 0, 0, spec.layers);
  for (int i = 0; i < dense; ++i) experts.dense_layers.push_back(i);
  check_experts(spec, config);
}

void name_tensors(const JsonField& config, TensorNames& names) {
  names.embedding = "model.word_embeddings.weight";
  LayerNames& layer = names.in_layer;
  layer.query = "attention.query_key_value";
  layer.key = layer.value = "";
  layer.output = "attention.dense";
  // The published files do not name the key; the configuration class says true.
  if (config.boolean_or("use_qk_norm", true)) {
    layer.query_norm = "attention.query_layernorm";
    layer.key_norm = "attention.key_layernorm";
  }
  name_experts(layer);
  layer.expert_bias = "mlp.gate.expert_bias";
  layer.shared = "mlp.shared_experts.";
}

ModelFacts read(const JsonField& config) {
  check_switches(config);
  ModelFacts facts;
  facts.spec = read_shared_keys(config, {.partial_rotary = true});
  facts.spec.qkv = QkvLayout::fused;
  facts.spec.qkv_bias = config.boolean_or("use_qkv_bias", false);
  facts.spec.output_bias = config.boolean_or("use_bias", false);
  read_experts(config, facts.spec);
  name_tensors(config, facts.spec.names);
  facts.vocab = facts.spec.vocab_rows;
  facts.mask_id = read_token_id(config, "mask_token_id");
  facts.end_ids = read_token_ids(config, "eos_token_id", {});
  facts.context = read_context(config);
  return facts;
}

ModelFacts read_ambiguous(const JsonField& config) {
  ModelFacts facts = read(config);
  facts.ambiguity =
      "LLaDA2.1 has the same config.json as LLaDA2.0; --family llada2.1 decodes as it does";
  return facts;
}

DecodeOptions reference(const ModelFacts&) {
  DecodeOptions options;
  options.length = 2048;
  options.block = 32;
  options.grid = BlockGrid::absolute;
  options.attention = AttentionKind::block;
  options.steps = 32;
  options.steps_per = StepsPer::block;
  set_option(options, "schedule", "block");
  set_option(options, "commit", "dynamic:0.95");
  options.stop_after_block = true;
  return options;
}

DecodeOptions reference_with_edits(const ModelFacts& facts) {
  DecodeOptions options = reference(facts);
  options.steps = 0;
  set_option(options, "commit", "threshold:0.95");
  set_option(options, "revise", "edit:0.9,16");
  options.stop_after_block = false;
  return options;
}

}  // namespace

const Family kLlada2{"llada2", "LLaDA2.0 mini and flash", recognises, nullptr, read_ambiguous,
                     reference};
const Family kLlada21{"llada2.1", "LLaDA2.1 mini and flash", never, could_be,
                      read,       reference_with_edits};

}  // namespace unmask
