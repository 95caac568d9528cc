#include "family/family.h"

#include <gtest/gtest.h>

#include "base/testing.h"
#include "family/config_folder.h"
#include "rules/cards.h"

namespace unmask {
namespace {

using testing::changed;
using testing::ConfigFolder;
using testing::fixture_config;
using testing::refusal;

TEST(ReadFacts, UnderstandsLlada) {
  const ModelFacts facts = ConfigFolder(fixture_config("llada")).facts();
  EXPECT_EQ(facts.family, "llada");
  EXPECT_EQ(facts.mask_id, 305);
  EXPECT_EQ(facts.end_ids, (std::vector<int>{301}));
  EXPECT_EQ(facts.spec.kv_heads, 2);
  EXPECT_EQ(facts.spec.rotary.theta, 500000);
  EXPECT_FALSE(facts.logit_shift);
  EXPECT_FALSE(facts.spec.tied_head);
  EXPECT_EQ(facts.context, 0);
}

TEST(ReadFacts, UnderstandsDream) {
  const ModelFacts facts = ConfigFolder(fixture_config("dream")).facts();
  EXPECT_EQ(facts.family, "dream");
  EXPECT_EQ(facts.mask_id, 309);
  EXPECT_TRUE(facts.logit_shift);
  EXPECT_TRUE(facts.spec.qkv_bias);
  EXPECT_EQ(facts.context, 64);
  EXPECT_EQ(facts.reference.commit.name(), "bernoulli");
}

TEST(ReadFacts, FamilyByNameOverridesTheModelType) {
  Json config = fixture_config("dream");
  config["model_type"] = "something";
  EXPECT_EQ(ConfigFolder(config).facts("dream").family, "dream");
  try {
    (void)ConfigFolder(config).facts("nobody");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
  }
}

TEST(ReadFacts, ListsWhatIsSupportedForAnUnknownModel) {
  const Json config = changed("dream", "model_type", "gpt2");
  EXPECT_TRUE(testing::fails_with(ErrorCode::checkpoint, {"'gpt2'", "llada", "--family NAME"},
                                  [&] { (void)ConfigFolder(config).facts(); }));
}

TEST(ReadFacts, RefusesAutoregressiveModelsAndSaysWhatFamilyIsFor) {
  const Json qwen2 = fixture_config("open_dcoder");
  EXPECT_TRUE(testing::fails_with(
      ErrorCode::checkpoint,
      {"'qwen2'", "--family open-dcoder", "Open-dCoder", "--family a2d", "dllm", "llada2.1"},
      [&] { (void)ConfigFolder(qwen2).facts(); }));
  const Json llama = changed("a2d_llama", "model_type", "llama");
  EXPECT_TRUE(testing::fails_with(ErrorCode::checkpoint, {"'llama'", "--family a2d"},
                                  [&] { (void)ConfigFolder(llama).facts(); }));
}

TEST(ReadFacts, TakesAPlainConfigForA2dWhereItIsNamed) {
  for (const char* base : {"qwen2", "qwen3", "llama"}) {
    const std::string fixture = std::string("a2d_") + base;
    const ModelFacts plain = ConfigFolder(changed(fixture, "model_type", base)).facts("a2d");
    const ModelFacts own = testing::fixture_facts(fixture);
    EXPECT_EQ(plain.family, "a2d");
    EXPECT_EQ(plain.spec.qkv_bias, own.spec.qkv_bias) << base;
    EXPECT_EQ(plain.spec.names.in_layer.query_norm, own.spec.names.in_layer.query_norm) << base;
    EXPECT_EQ(plain.spec.rotary.llama3.has_value(), own.spec.rotary.llama3.has_value()) << base;
  }
  EXPECT_NE(refusal(changed("dream", "model_type", "mistral"), "a2d").find("mistral"),
            std::string::npos);
}

TEST(ReadFacts, TellsTheTwoLladasApartByTheirArchitecture) {
  EXPECT_EQ(testing::fixture_facts("llada_moe").family, "llada-moe");
  const Json config = changed("llada_moe", "architectures", {"LLaDAModelLM"});
  EXPECT_EQ(refusal(config).find("family"), std::string::npos);
  EXPECT_NE(refusal(config), "");  // it is read as a dense one, which it is not
}

TEST(ReadFacts, LetsAPresetDecideWhatTheConfigLeavesOpen) {
  const auto family = [](const char* fixture, std::string_view preset) {
    return ConfigFolder(fixture_config(fixture)).facts("", preset).family;
  };
  EXPECT_EQ(family("open_dcoder", "open-dcoder"), "open-dcoder");
  EXPECT_EQ(family("open_dcoder", "p2"), "open-dcoder");
  EXPECT_EQ(family("open_dcoder", "dllm-bd3lm"), "a2d");
  EXPECT_EQ(family("llada21", "llada2.1"), "llada2.1");
  EXPECT_EQ(family("llada21", "llada2"), "llada2");
  EXPECT_EQ(family("dream", "open-dcoder"), "dream");  // it says what it is
  EXPECT_EQ(family("sdar", "llada"), "sdar");
  EXPECT_THROW(family("open_dcoder", "llada"), Error);
}

TEST(ReadFacts, SaysWhatIsAmbiguous) {
  const ModelFacts facts = ConfigFolder(fixture_config("llada2")).facts();
  EXPECT_NE(facts.ambiguity.find("--family llada2.1"), std::string::npos);
  EXPECT_EQ(ConfigFolder(fixture_config("llada2")).facts("llada2.1").ambiguity, "");
}

TEST(ReadFacts, ReadsRotaryParametersOfNewerTransformers) {
  Json config = changed("a2d_llama", "rope_theta", Json(Json::value_t::discarded));
  config["rope_parameters"] = config["rope_scaling"];
  config["rope_parameters"]["rope_theta"] = 250000.0;
  config.erase("rope_scaling");
  const RotarySpec rotary = ConfigFolder(config).facts().spec.rotary;
  EXPECT_EQ(rotary.theta, 250000);
  EXPECT_EQ(rotary.llama3.value().factor, 32);
  config = changed("sdar", "rope_parameters", {{"rope_theta", 5000}, {"rope_type", "default"}});
  EXPECT_EQ(ConfigFolder(config).facts().spec.rotary.theta, 5000);
}

TEST(ReadFacts, KnowsWhichLayersOfSdarMoeAreDense) {
  Json config = changed("sdar_moe", "num_hidden_layers", 5);
  config["decoder_sparse_step"] = 2;
  config["mlp_only_layers"] = {3, 0};
  const ModelSpec spec = ConfigFolder(config).facts().spec;
  EXPECT_EQ(spec.experts.dense_layers, (std::vector<int>{0, 2, 3, 4}));
  EXPECT_FALSE(has_experts(spec, 0));
  EXPECT_TRUE(has_experts(spec, 1));
}

TEST(ReadFacts, NormsQueriesAndKeysOfALlada2ThatDoesNotSpeakOfIt) {
  Json config = fixture_config("llada2");
  config.erase("use_qk_norm");
  const LayerNames names = ConfigFolder(config).facts().spec.names.in_layer;
  EXPECT_EQ(names.query_norm, "attention.query_layernorm");
  EXPECT_EQ(names.key_norm, "attention.key_layernorm");
  const ModelSpec without = ConfigFolder(changed("llada2", "use_qk_norm", false)).facts().spec;
  EXPECT_EQ(without.names.in_layer.query_norm, "");
}

TEST(ReadFacts, LeavesTheNoiseLevelOutOfABd3LmWithoutAdaptiveNorm) {
  const ModelSpec spec = ConfigFolder(changed("bd3lm", "adaln", false)).facts().spec;
  for (const TensorSpec& tensor : needed_tensors(spec)) {
    EXPECT_EQ(tensor.name.find("adaLN"), std::string::npos) << tensor.name;
    EXPECT_EQ(tensor.name.find("sigma_map"), std::string::npos) << tensor.name;
  }
}

TEST(ReadFacts, ReadsTheDecodingFactsOfAnExportedModule) {
  Json config{{"model_type", "exported"}, {"vocab_size", 100}};
  ModelFacts facts = ConfigFolder(config).facts();
  EXPECT_EQ(facts.spec.network, NetworkKind::exported);
  EXPECT_EQ(facts.spec.module, "model.pt2");
  EXPECT_EQ(facts.mask_id, kUnknownId);
  EXPECT_FALSE(facts.logit_shift);
  EXPECT_TRUE(needed_tensors(facts.spec).empty());
  config.update({{"mask_token_id", 99},
                 {"eos_token_id", {1, 2}},
                 {"context", 64},
                 {"logit_shift", true},
                 {"block_size", 8},
                 {"module", "network.pt"}});
  facts = ConfigFolder(config).facts();
  EXPECT_EQ(facts.spec.module, "network.pt");
  EXPECT_EQ(facts.mask_id, 99);
  EXPECT_EQ(facts.end_ids, (std::vector<int>{1, 2}));
  EXPECT_EQ(facts.context, 64);
  EXPECT_TRUE(facts.logit_shift);
  EXPECT_EQ(facts.reference.block, 8);
}

}  // namespace
}  // namespace unmask
