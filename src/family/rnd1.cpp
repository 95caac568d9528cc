// RND1 30B-A3B (Radical Numerics): Qwen3-MoE made bidirectional. Reference: rnd/ of
// RadicalNumerics/RND1.
#include "family/config_reader.h"
#include "family/hugging_face.h"
#include "family/registry.h"

namespace unmask {
namespace {

bool recognises(std::string_view model_type, std::string_view) { return model_type == "rnd1"; }

/// The reference gives every layer experts, whatever the config says about single layers.
ModelFacts read(const JsonField& config) {
  require_boolean(config, "is_causal", false, false);
  ModelFacts facts;
  facts.spec = read_shared_keys(config);
  read_attention_bias(config, facts.spec);
  add_qk_norm(facts.spec);
  read_qwen_experts(config, facts.spec);
  facts.vocab = facts.spec.vocab_rows;
  facts.mask_id = read_token_id(config, "mask_token_id");
  facts.end_ids = read_token_ids(config, "eos_token_id", {});
  facts.context = read_context(config);
  facts.logit_shift = true;
  return facts;
}

DecodeOptions reference(const ModelFacts&) {
  DecodeOptions options;
  options.length = 256;
  options.steps = 256;
  options.order = Order::entropy;
  set_option(options, "schedule", "rnd1");
  options.sampler = Sampler::categorical;
  options.top_k_first = true;
  return options;
}

}  // namespace

const Family kRnd1{"rnd1", "RND1 30B-A3B", recognises, nullptr, read, reference};

}  // namespace unmask
