// Open-dCoder 0.5B (Open-dLLM): Qwen2.5-Coder made bidirectional, with a config.json that does not
// say so. Reference: veomni/models/transformers/qwen2 of pengzhangzhi/Open-dLLM.
#include "family/config_reader.h"
#include "family/hugging_face.h"
#include "family/registry.h"

namespace unmask {
namespace {

bool recognises(std::string_view, std::string_view) { return false; }
bool could_be(std::string_view model_type) { return model_type == "qwen2"; }

ModelFacts read(const JsonField& config) {
  ModelFacts facts;
  facts.spec = read_shared_keys(config);
  facts.spec.qkv_bias = true;
  facts.vocab = facts.spec.vocab_rows;
  facts.mask_id = read_token_id(config, "mask_token_id");
  facts.end_ids = read_token_ids(config, "eos_token_id", {});
  facts.context = read_context(config);
  facts.logit_shift = true;
  return facts;
}

DecodeOptions reference(const ModelFacts&) {
  DecodeOptions options;
  options.length = 512;
  options.steps = 512;
  options.order = Order::entropy;
  set_option(options, "schedule", "dream");
  options.sampler = Sampler::categorical;
  return options;
}

}  // namespace

const Family kOpenDcoder{"open-dcoder", "Open-dCoder 0.5B", recognises, could_be, read, reference};

}  // namespace unmask
