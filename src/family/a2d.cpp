// Qwen2, Qwen3 and Llama models that dllm (ZHZisZZ/dllm) made bidirectional, "A2D". Reference:
// dllm/pipelines/a2d/models and dllm/core/samplers there.
#include "family/config_reader.h"
#include "family/hugging_face.h"
#include "family/registry.h"

namespace unmask {
namespace {

constexpr std::string_view kPrefix = "a2d-";

bool could_be(std::string_view model_type) {
  return model_type == "qwen2" || model_type == "qwen3" || model_type == "llama";
}

bool recognises(std::string_view model_type, std::string_view) {
  return model_type.starts_with(kPrefix) && could_be(model_type.substr(kPrefix.size()));
}

ModelSpec read_spec(const JsonField& config) {
  const std::string model_type = config.at("model_type").text();
  std::string base = model_type;
  if (base.starts_with(kPrefix)) base.erase(0, kPrefix.size());
  if (!could_be(base)) {
    throw config.at("model_type")
        .error("is '" + model_type + "'; --family a2d takes qwen2, qwen3 and llama");
  }
  ModelSpec spec = read_shared_keys(config, {.llama3_rope = base == "llama"});
  require_boolean(config, "mlp_bias", false, false);
  if (base == "qwen2") {
    spec.qkv_bias = true;
  } else {
    read_attention_bias(config, spec);
  }
  if (base == "qwen3") add_qk_norm(spec);
  return spec;
}

ModelFacts read(const JsonField& config) {
  ModelFacts facts;
  facts.spec = read_spec(config);
  facts.vocab = facts.spec.vocab_rows;
  facts.mask_id = read_token_id(config, "mask_token_id");
  facts.end_ids = read_token_ids(config, "eos_token_id", {});
  facts.context = read_context(config);
  facts.thinks = false;
  facts.ambiguity =
      "a model that dllm trained on blocks has the same config.json; --preset dllm-bd3lm decodes "
      "it";
  return facts;
}

DecodeOptions reference(const ModelFacts&) {
  DecodeOptions options;
  options.length = 128;
  options.block = 128;
  options.steps = 128;
  set_option(options, "schedule", "dllm:linear");
  return options;
}

}  // namespace

const Family kA2d{"a2d",      "Qwen2, Qwen3 and Llama made bidirectional by dllm",
                  recognises, could_be,
                  read,       reference};

}  // namespace unmask
