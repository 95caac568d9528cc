#include "family/diffusion_transformer.h"

#include "family/config_reader.h"

namespace unmask {
namespace {

ModelSpec read_spec(const JsonField& config) {
  constexpr int kMlpRatio = 4;
  ModelSpec spec;
  spec.network = NetworkKind::diffusion_transformer;
  spec.vocab_rows = read_size(config, "vocab_size", kMaxVocab);
  spec.hidden = read_size(config, "hidden_dim", kMaxWidth);
  spec.layers = read_size(config, "n_blocks", kMaxLayers);
  spec.heads = spec.kv_heads = read_size(config, "n_heads", kMaxHeads);
  if (spec.hidden % spec.heads != 0) {
    throw config.at("hidden_dim")
        .error("is not a multiple of 'n_heads', " + std::to_string(spec.heads));
  }
  spec.head_dim = spec.hidden / spec.heads;
  check_heads(spec, config);
  spec.intermediate = kMlpRatio * spec.hidden;
  spec.norm_eps = 1e-5;
  spec.qkv = QkvLayout::fused;
  spec.diffusion.conditioning = read_size(config, "cond_dim", kMaxWidth);
  spec.diffusion.time_conditioning = config.boolean_or("time_conditioning", false);
  spec.names.embedding = "backbone.vocab_embed.embedding";
  spec.names.layer = "backbone.blocks.{}.";
  spec.names.in_layer.query = "attn_qkv";
  return spec;
}

}  // namespace

ModelFacts read_diffusion_transformer(const JsonField& config) {
  ModelFacts facts;
  facts.spec = read_spec(config);
  facts.vocab = facts.spec.vocab_rows;
  facts.mask_id =
      static_cast<int>(config.integer_or("mask_token_id", facts.vocab - 1, 0, kMaxVocab));
  facts.end_ids = read_token_ids(config, "eos_token_id", {});
  return facts;
}

}  // namespace unmask
