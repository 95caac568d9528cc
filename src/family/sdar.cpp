// SDAR, dense and with experts (JetLM): Qwen3 that sees blocks. Reference: modeling_sdar.py beside
// the weights and generate.py of JetAstra/SDAR.
#include <algorithm>

#include "family/config_reader.h"
#include "family/hugging_face.h"
#include "family/registry.h"

namespace unmask {
namespace {

bool recognises(std::string_view model_type, std::string_view) { return model_type == "sdar"; }
bool recognises_moe(std::string_view model_type, std::string_view) {
  return model_type == "sdar_moe";
}

ModelFacts read(const JsonField& config) {
  ModelFacts facts;
  facts.spec = read_shared_keys(config);
  read_attention_bias(config, facts.spec);
  add_qk_norm(facts.spec);
  facts.vocab = facts.spec.vocab_rows;
  facts.mask_id = read_token_id(config, "mask_token_id");
  facts.end_ids = read_token_ids(config, "eos_token_id", {});
  facts.context = read_context(config);
  if (config.has("block_size")) facts.block = read_size(config, "block_size", kMaxContext);
  return facts;
}

/// Those named by `mlp_only_layers`, and all but every `decoder_sparse_step`-th.
std::vector<int> read_dense_layers(const JsonField& config, int layers) {
  std::vector<int> dense;
  const int sparse_step = read_size_or(config, "decoder_sparse_step", 1, kMaxLayers);
  for (int i = 0; i < layers; ++i) {
    if ((i + 1) % sparse_step != 0) dense.push_back(i);
  }
  if (config.has("mlp_only_layers")) {
    const JsonField only = config.at("mlp_only_layers");
    for (std::size_t i = 0; i < only.size(); ++i) {
      dense.push_back(static_cast<int>(only.at(i).integer(0, layers - 1)));
    }
  }
  std::sort(dense.begin(), dense.end());
  dense.erase(std::unique(dense.begin(), dense.end()), dense.end());
  return dense;
}

ModelFacts read_moe(const JsonField& config) {
  ModelFacts facts = read(config);
  read_qwen_experts(config, facts.spec);
  facts.spec.experts.dense_layers = read_dense_layers(config, facts.spec.layers);
  return facts;
}

DecodeOptions reference(const ModelFacts& facts) {
  constexpr int kBlock = 4;  // of generate.py's command line
  DecodeOptions options;
  options.length = 128;
  options.block = facts.block > 0 ? facts.block : kBlock;
  options.grid = BlockGrid::absolute;
  options.attention = AttentionKind::block;
  options.steps_per = StepsPer::block;
  set_option(options, "schedule", "block");
  set_option(options, "commit", "dynamic:0.85");
  options.sampler = Sampler::categorical;
  options.top_k_first = true;
  options.stop_after_block = true;
  return options;
}

}  // namespace

const Family kSdar{"sdar", "SDAR 1.7B to 8B", recognises, nullptr, read, reference};
const Family kSdarMoe{"sdar-moe", "SDAR 30B-A3B", recognises_moe, nullptr, read_moe, reference};

}  // namespace unmask
