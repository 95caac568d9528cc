// Dream 7B, Dream-Coder and DiffuCoder: Qwen2 made bidirectional. Reference: modeling_dream.py and
// generation_utils.py beside the weights.
#include "family/config_reader.h"
#include "family/hugging_face.h"
#include "family/registry.h"

namespace unmask {
namespace {

bool recognises(std::string_view model_type, std::string_view) { return model_type == "Dream"; }

ModelFacts read(const JsonField& config) {
  ModelFacts facts;
  facts.spec = read_shared_keys(config);
  facts.spec.qkv_bias = true;
  facts.vocab = facts.spec.vocab_rows;
  facts.mask_id = static_cast<int>(config.integer_or("mask_token_id", 151666, 0, kMaxVocab));
  facts.end_ids = read_token_ids(config, "eos_token_id", {151643});
  facts.context = read_context(config);
  facts.logit_shift = true;
  return facts;
}

DecodeOptions reference(const ModelFacts&) {
  DecodeOptions options;
  options.length = 512;
  options.steps = 512;
  set_option(options, "schedule", "dream");
  set_option(options, "commit", "bernoulli");
  options.sampler = Sampler::categorical;
  return options;
}

}  // namespace

const Family kDream{"dream",  "Dream 7B, Dream-Coder, DiffuCoder", recognises, nullptr, read,
                    reference};

}  // namespace unmask
