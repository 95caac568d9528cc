// Dream 7B, Dream-Coder and DiffuCoder: Qwen2 made bidirectional. Reference: modeling_dream.py and
// generation_utils.py beside the weights.
#include "family/config_reader.h"
#include "family/registry.h"

namespace unmask {
namespace {

bool recognises(std::string_view model_type, std::string_view) { return model_type == "Dream"; }

ModelSpec read_spec(const JsonField& config) {
  require_text(config, "hidden_act", "silu", "silu");
  if (config.has("rope_scaling")) throw config.at("rope_scaling").error("is not supported");
  ModelSpec spec;
  spec.hidden = read_size_or(config, "hidden_size", 4096, kMaxWidth);
  spec.layers = read_size_or(config, "num_hidden_layers", 32, kMaxLayers);
  spec.heads = read_size_or(config, "num_attention_heads", 32, kMaxHeads);
  spec.kv_heads = read_size_or(config, "num_key_value_heads", spec.heads, kMaxHeads);
  if (spec.hidden % spec.heads != 0) {
    throw config.at("hidden_size")
        .error("is not a multiple of 'num_attention_heads', " + std::to_string(spec.heads));
  }
  spec.head_dim = spec.hidden / spec.heads;
  spec.intermediate = read_size_or(config, "intermediate_size", 22016, kMaxWidth);
  spec.vocab_rows = read_size_or(config, "vocab_size", 151936, kMaxVocab);
  spec.norm_eps = config.number_or("rms_norm_eps", 1e-6, 0, 1);
  spec.rotary = {.theta = config.number_or("rope_theta", 10000, 1, 1e15),
                 .tables_in_compute_type = true};
  spec.qkv_bias = true;
  spec.tied_head = config.boolean_or("tie_word_embeddings", false);
  check_heads(spec, config);

  spec.names = {.embedding = "model.embed_tokens.weight",
                .layer = "model.layers.{}.",
                .in_layer = {.attention_norm = "input_layernorm",
                             .query = "self_attn.q_proj",
                             .key = "self_attn.k_proj",
                             .value = "self_attn.v_proj",
                             .output = "self_attn.o_proj",
                             .mlp_norm = "post_attention_layernorm",
                             .gate = "mlp.gate_proj",
                             .up = "mlp.up_proj",
                             .down = "mlp.down_proj"},
                .final_norm = "model.norm.weight",
                .head = "lm_head.weight"};
  return spec;
}

ModelFacts read(const JsonField& config) {
  ModelFacts facts;
  facts.spec = read_spec(config);
  facts.vocab = facts.spec.vocab_rows;
  facts.mask_id = static_cast<int>(config.integer_or("mask_token_id", 151666, 0, kMaxVocab));
  facts.end_ids = read_token_ids(config, "eos_token_id", {151643});
  facts.context = read_size_or(config, "max_position_embeddings", 32768, kMaxContext);
  facts.logit_shift = true;
  return facts;
}

DecodeOptions reference() {
  DecodeOptions options;
  options.length = 512;
  options.steps = 512;
  options.schedule = ScheduleKind::dream;
  options.commit = CommitKind::bernoulli;
  options.sampler = Sampler::categorical;
  return options;
}

}  // namespace

const Family kDream{"dream", "Dream 7B, Dream-Coder, DiffuCoder", recognises, read, reference};

}  // namespace unmask
