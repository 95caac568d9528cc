// Configurations that cannot be right, or that ask for what the network does not have: refused,
// with the key that is to blame.
#include <gtest/gtest.h>

#include "family/config_folder.h"

namespace unmask {
namespace {

using testing::changed;
using testing::refusal;

const Json kMissing(Json::value_t::discarded);

struct Case {
  const char* fixture;
  const char* key;
  Json value;
  const char* named = "";  ///< what the message has, where that is not the key
};

void expect_refusals(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const Json config = changed(c.fixture, c.key, c.value);
    const std::string message = refusal(config, testing::named_family(c.fixture));
    const std::string context = std::string(c.fixture) + " " + c.key;
    EXPECT_NE(message.find("config.json"), std::string::npos) << context << ": " << message;
    const std::string named = *c.named == '\0' ? c.key : c.named;
    EXPECT_NE(message.find(named), std::string::npos) << context << ": " << message;
  }
}

TEST(HostileConfig, SizesOutOfRange) {
  expect_refusals({{"dream", "vocab_size", 0},
                   {"dream", "vocab_size", 1000000000},
                   {"dream", "num_hidden_layers", -1},
                   {"sdar", "num_hidden_layers", 1000000},
                   {"dream", "rope_theta", 0},
                   {"rnd1", "num_attention_heads", 0},
                   {"dream", "rms_norm_eps", -1e-6},
                   {"sdar", "head_dim", 1 << 30},
                   {"llada2", "max_position_embeddings", 0},
                   {"sdar", "block_size", 0},
                   {"sdar", "mask_token_id", -1},
                   {"fast_dllm_v2", "bd_size", -32},
                   {"smdm", "n_layer", 5000},
                   {"smdm", "padded_vocab_size", 0},
                   {"smdm", "block_size", 0},
                   {"mdlm", "n_blocks", 0},
                   {"mdlm", "cond_dim", 1 << 30},
                   {"mdlm", "model_length", 0},
                   {"bd3lm", "block_size", 0},
                   {"llada_moe", "clip_qkv", -1},
                   {"llada2", "num_shared_experts", 1 << 20}});
}

TEST(HostileConfig, WrongTypes) {
  expect_refusals({{"dream", "hidden_size", "64"},
                   {"dream", "intermediate_size", 1.5},
                   {"sdar", "tie_word_embeddings", 1},
                   {"sdar", "attention_bias", "no"},
                   {"a2d_qwen3", "rope_theta", "1e6"},
                   {"a2d_qwen3", "eos_token_id", "end"},
                   {"llada_moe", "moe_layer_freq", 1},
                   {"llada_moe", "qk_layernorm", nullptr},
                   {"sdar_moe", "mlp_only_layers", "none"},
                   {"smdm", "bias", 0},
                   {"bd3lm", "adaln", "yes"},
                   {"mdlm", "time_conditioning", 0}});
}

TEST(HostileConfig, MissingKeys) {
  expect_refusals({{"dream", "hidden_size", kMissing},
                   {"sdar", "num_hidden_layers", kMissing},
                   {"a2d_llama", "num_attention_heads", kMissing},
                   {"open_dcoder", "intermediate_size", kMissing},
                   {"fast_dllm_v2", "vocab_size", kMissing},
                   {"rnd1", "rope_theta", kMissing},
                   {"rnd1", "num_experts", kMissing},
                   {"llada2", "moe_intermediate_size", kMissing},
                   {"llada_moe", "num_experts_per_tok", kMissing},
                   {"llada_moe", "dense_intermediate_size", kMissing},
                   {"sdar_moe", "max_position_embeddings", kMissing},
                   {"smdm", "n_embd", kMissing},
                   {"mdlm", "hidden_dim", kMissing},
                   {"bd3lm", "block_size", kMissing},
                   {"bd3lm", "model_length", kMissing}});
}

TEST(HostileConfig, HeadsThatDoNotFit) {
  expect_refusals({{"dream", "num_attention_heads", 5},
                   {"dream", "num_key_value_heads", 3, "key/value heads"},
                   {"sdar", "head_dim", 31, "even"},
                   {"smdm", "n_head", 5},
                   {"smdm", "n_query_groups", 3, "key/value heads"},
                   {"mdlm", "n_heads", 7},
                   {"llada2", "partial_rotary_factor", 0.45},
                   {"llada2", "partial_rotary_factor", 0.01}});
}

TEST(HostileConfig, ExpertsThatDoNotFit) {
  expect_refusals({{"llada2", "n_group", 3},
                   {"llada2", "topk_group", 5},
                   {"llada2", "num_experts_per_tok", 5},
                   {"llada2", "first_k_dense_replace", 4},
                   {"llada2", "num_experts", 1 << 20},
                   {"rnd1", "num_experts_per_tok", 7},
                   {"sdar_moe", "mlp_only_layers", {2}},
                   {"sdar_moe", "decoder_sparse_step", 0},
                   {"llada_moe", "moe_layer_freq", {1, 1, 1}},
                   {"llada_moe", "moe_layer_freq", {1, 2}},
                   {"llada_moe_ext", "shared_expert_intermediate_size", -1}});
}

TEST(HostileConfig, MoreExpertsThanAnyModelHas) {
  Json config = changed("sdar_moe", "num_experts", 4096);
  config["num_hidden_layers"] = 4096;
  EXPECT_NE(refusal(config).find("num_experts"), std::string::npos);
}

TEST(HostileConfig, RotaryEmbeddingsThatAreNotKnown) {
  const Json llama3{{"rope_type", "llama3"},
                    {"factor", 8},
                    {"low_freq_factor", 1},
                    {"high_freq_factor", 4},
                    {"original_max_position_embeddings", 64}};
  const auto with = [&](const char* key, Json value) {
    Json scaling = llama3;
    scaling[key] = std::move(value);
    return scaling;
  };
  expect_refusals({{"dream", "rope_scaling", {{"type", "yarn"}}},
                   {"sdar", "rope_scaling", {{"rope_type", "linear"}, {"factor", 2}}},
                   {"sdar", "rope_scaling", llama3},
                   {"sdar", "rope_scaling", "yarn"},
                   {"sdar", "rope_scaling", true},
                   {"sdar", "rope_parameters", {{"rope_type", "yarn"}, {"rope_theta", 1e6}}},
                   {"sdar", "partial_rotary_factor", 0.5},
                   {"a2d_llama", "rope_scaling", with("factor", 0)},
                   {"a2d_llama", "rope_scaling", with("high_freq_factor", 1)},
                   {"a2d_llama", "rope_scaling", with("original_max_position_embeddings", "64")},
                   {"a2d_llama", "rope_scaling", {{"rope_type", "llama3"}}}});
}

TEST(HostileConfig, SwitchesThatTheNetworkDoesNotHave) {
  expect_refusals({{"dream", "hidden_act", "gelu"},
                   {"dream", "use_sliding_window", true},
                   {"a2d_qwen3", "layer_types", {"full_attention", "sliding_attention"}},
                   {"a2d_llama", "mlp_bias", true},
                   {"llada2", "score_function", "softmax"},
                   {"llada2", "moe_router_enable_expert_bias", false},
                   {"llada2", "use_rmsnorm", false},
                   {"llada2", "norm_head", true},
                   {"llada2", "norm_softmax", true},
                   {"llada_moe", "moe_router_score_function", "sigmoid"},
                   {"smdm", "_norm_class", "LayerNorm"},
                   {"smdm", "_mlp_class", "GptNeoxMLP"},
                   {"smdm", "parallel_residual", true},
                   {"smdm", "shared_attention_norm", true},
                   {"smdm", "bias", true},
                   {"smdm", "rotary_percentage", 0.25},
                   {"smdm", "condense_ratio", 2},
                   {"rnd1", "is_causal", true},
                   {"bd3lm", "causal", true},
                   {"bd3lm", "cross_attn", false},
                   {"llada", "block_type", "sequential"},
                   {"llada", "activation_type", "gelu"},
                   {"llada", "layer_norm_type", "low_precision"},
                   {"llada", "rope", false},
                   {"llada", "include_bias", true},
                   {"llada", "attention_layer_norm", true},
                   {"llada", "alibi", true},
                   {"llada", "block_group_size", 2},
                   {"llada", "rope_full_precision", false}});
}

TEST(HostileConfig, IdsBeyondTheEmbedding) {
  expect_refusals({{"llada", "mask_token_id", 320, "320"},
                   {"llada", "eos_token_id", 320, "320"},
                   {"llada", "vocab_size", 400, "400"},
                   {"sdar", "mask_token_id", 320, "320"},
                   {"smdm", "mask_token_id", 385, "385"},
                   {"mdlm", "mask_token_id", 290, "290"}});
}

TEST(HostileConfig, ModulesOutsideOfTheFolder) {
  const Json config{{"model_type", "exported"}, {"vocab_size", 100}, {"mask_token_id", 99}};
  for (const char* name : {"../model.pt2", "/tmp/model.pt2", "", "..", "a/b"}) {
    Json hostile = config;
    hostile["module"] = name;
    EXPECT_NE(refusal(hostile).find("module"), std::string::npos) << name;
  }
  for (const char* key : {"vocab_size", "context", "block_size"}) {
    Json hostile = config;
    hostile[key] = 0;
    EXPECT_NE(refusal(hostile).find(key), std::string::npos) << key;
  }
}

TEST(HostileConfig, AnyJunkUnderAnyKeyIsReadOrRefused) {
  const std::vector<Json> junk{0, -1, 1e9, "", true, Json::array(), Json::object()};
  std::size_t refused = 0;
  for (const char* name : {"a2d_llama", "bd3lm", "dream", "fast_dllm_v2", "llada", "llada2",
                           "llada_moe_ext", "mdlm", "rnd1", "sdar_moe", "smdm"}) {
    const Json config = testing::fixture_config(name);
    for (const auto& [key, original] : config.items()) {
      for (const Json& value : junk) {
        refused += refusal(changed(name, key, value), testing::named_family(name)).empty() ? 0 : 1;
      }
    }
  }
  EXPECT_GT(refused, 500U);
}

}  // namespace
}  // namespace unmask
