// SMDM (ML-GSAI): lit-gpt's Llama made bidirectional. Its releases are bare weights; config.json
// holds the fields of lit_gpt/config.py with `"model_type": "smdm"`. Reference:
// lit_gpt/diffmodel.py and eval/gen_model_answer.py of ML-GSAI/SMDM.
#include "family/config_reader.h"
#include "family/registry.h"

namespace unmask {
namespace {

bool recognises(std::string_view model_type, std::string_view) { return model_type == "smdm"; }

void check_switches(const JsonField& config) {
  require_text(config, "_norm_class", "FusedRMSNorm", "FusedRMSNorm");
  require_text(config, "_mlp_class", "LLaMAMLP", "LLaMAMLP");
  require_boolean(config, "parallel_residual", false, false);
  require_boolean(config, "shared_attention_norm", false, false);
  require_boolean(config, "bias", false, false);
  if (config.number_or("rotary_percentage", 1, 0, 1) != 1) {
    throw config.at("rotary_percentage").error("must be 1");
  }
  if (config.integer_or("condense_ratio", 1, 1, kMaxContext) != 1) {
    throw config.at("condense_ratio").error("must be 1");
  }
}

/// Rows of the head: the vocabulary rounded up.
int read_head_rows(const JsonField& config) {
  const int vocab = read_size(config, "vocab_size", kMaxVocab);
  const int multiple = read_size_or(config, "padding_multiple", 64, kMaxVocab);
  const int rounded = (vocab + multiple - 1) / multiple * multiple;
  return read_size_or(config, "padded_vocab_size", rounded, kMaxVocab);
}

TensorNames tensor_names() {
  return {.embedding = "transformer.wte.weight",
          .layer = "transformer.h.{}.",
          .in_layer = {.attention_norm = "norm_1",
                       .query = "attn.attn",
                       .output = "attn.proj",
                       .mlp_norm = "norm_2",
                       .gate = "mlp.swiglu.w1",
                       .up = "mlp.swiglu.w2",
                       .down = "mlp.swiglu.w3"},
          .final_norm = "transformer.ln_f.weight",
          .head = "lm_head.weight"};
}

ModelSpec read_spec(const JsonField& config) {
  check_switches(config);
  ModelSpec spec;
  spec.hidden = read_size(config, "n_embd", kMaxWidth);
  spec.layers = read_size(config, "n_layer", kMaxLayers);
  spec.heads = read_size(config, "n_head", kMaxHeads);
  spec.kv_heads = read_size_or(config, "n_query_groups", spec.heads, kMaxHeads);
  if (spec.hidden % spec.heads != 0) {
    throw config.at("n_embd").error("is not a multiple of 'n_head', " + std::to_string(spec.heads));
  }
  spec.head_dim = spec.hidden / spec.heads;
  check_heads(spec, config);
  spec.intermediate = read_size(config, "intermediate_size", kMaxWidth);
  spec.head_rows = read_head_rows(config);
  spec.vocab_rows = spec.head_rows + 1;  // the mask token comes last, and cannot be predicted
  spec.norm_eps = config.number_or("norm_eps", 1e-5, 0, 1);
  spec.rotary.tables = RotaryTables::bfloat16;
  spec.qkv = QkvLayout::fused_by_group;
  spec.names = tensor_names();
  return spec;
}

ModelFacts read(const JsonField& config) {
  ModelFacts facts;
  facts.spec = read_spec(config);
  facts.vocab = read_size(config, "vocab_size", kMaxVocab);
  facts.mask_id =
      static_cast<int>(config.integer_or("mask_token_id", facts.spec.head_rows, 0, kMaxVocab));
  facts.end_ids = read_token_ids(config, "eos_token_id", {2});
  facts.context = read_size(config, "block_size", kMaxContext);
  return facts;
}

DecodeOptions reference(const ModelFacts& facts) {
  DecodeOptions options;
  options.length = facts.context > 0 ? facts.context : 2048;  // there the prompt is part of it
  options.steps = 512;
  set_option(options, "schedule", "dream:1e-5");
  set_option(options, "commit", "bernoulli");
  options.guidance = 2;
  return options;
}

}  // namespace

const Family kSmdm{"smdm", "SMDM 19M to 1.1B", recognises, nullptr, read, reference};

}  // namespace unmask
