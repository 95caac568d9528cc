// Fast-dLLM v2 1.5B and 7B (Efficient-Large-Model): Qwen2.5 that sees blocks. Reference:
// modeling.py beside the weights, and v2/ of NVlabs/Fast-dLLM.
#include <numeric>

#include "family/config_reader.h"
#include "family/hugging_face.h"
#include "family/registry.h"

namespace unmask {
namespace {

bool recognises(std::string_view model_type, std::string_view) {
  return model_type == "Fast_dLLM_Qwen";
}

ModelFacts read(const JsonField& config) {
  ModelFacts facts;
  facts.spec = read_shared_keys(config);
  facts.spec.qkv_bias = true;
  facts.vocab = facts.spec.vocab_rows;
  facts.mask_id = read_token_id(config, "mask_token_id");
  facts.end_ids = read_token_ids(config, "eos_token_id", {});
  facts.context = read_context(config);
  facts.block = read_size_or(config, "bd_size", 32, kMaxContext);
  facts.logit_shift = true;
  return facts;
}

DecodeOptions reference(const ModelFacts& facts) {
  constexpr int kBlock = 32;
  DecodeOptions options;
  options.length = 512;
  options.block = facts.block > 0 ? facts.block : kBlock;
  options.grid = BlockGrid::absolute;
  options.sub_block = std::gcd(8, options.block);
  options.attention = AttentionKind::block;
  set_option(options, "commit", "threshold:1");  // only the surest position of a step
  options.sampler = Sampler::categorical;
  options.top_p = 0.95;
  options.stop_after_block = true;
  return options;
}

}  // namespace

const Family kFastDllmV2{"fast-dllm-v2", "Fast-dLLM v2 1.5B and 7B", recognises, nullptr, read,
                         reference};

}  // namespace unmask
