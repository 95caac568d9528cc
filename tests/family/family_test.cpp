#include "family/family.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/file.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;

/// A folder with the given config.json, and generation_config.json where it is not empty.
class ConfigFolder {
 public:
  explicit ConfigFolder(const Json& config, const Json& generation = {})
      : folder_(fs::temp_directory_path() / ("unmask-family-" + std::to_string(getpid()))) {
    fs::remove_all(folder_);
    fs::create_directory(folder_);
    std::ofstream(folder_ / "config.json") << config;
    if (!generation.is_null()) std::ofstream(folder_ / "generation_config.json") << generation;
  }
  ~ConfigFolder() { fs::remove_all(folder_); }
  ModelFacts facts(const std::string& family = "") const {
    return read_facts(CheckpointConfig(folder_), family);
  }

 private:
  fs::path folder_;
};

Json fixture_config(const std::string& name) {
  return parse_json(read_file(fs::path(UNMASK_FIXTURES) / name / "model" / "config.json", 1 << 20),
                    name);
}

std::string refusal(const Json& config, const std::string& family = "") {
  try {
    (void)ConfigFolder(config).facts(family);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::checkpoint) << error.what();
    return error.what();
  }
  return "";
}

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
  EXPECT_EQ(facts.reference.commit, CommitKind::bernoulli);
}

TEST(ReadFacts, ListsWhatIsSupportedForAnUnknownModel) {
  Json config = fixture_config("dream");
  config["model_type"] = "qwen2";
  EXPECT_NE(refusal(config).find("'qwen2'"), std::string::npos);
  try {
    (void)ConfigFolder(config).facts();
  } catch (const Error& error) {
    EXPECT_NE(error.hint().find("llada"), std::string::npos);
    EXPECT_NE(error.hint().find("--family"), std::string::npos);
  }
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

TEST(ReadFacts, NeverTakesAMixtureOfExpertsForADenseLlada) {
  Json config = fixture_config("llada");
  config["architectures"] = {"LLaDAMoEModelLM"};
  EXPECT_NE(refusal(config).find("LLaDAMoEModelLM"), std::string::npos);
}

TEST(ReadFacts, NamesTheFieldThatIsOutOfRange) {
  const std::vector<std::pair<std::string, Json>> bad{
      {"vocab_size", 0},
      {"vocab_size", 1000000000},
      {"num_hidden_layers", -1},
      {"num_hidden_layers", 1000000},
      {"rope_theta", 0},
      {"hidden_size", "64"},
      {"num_attention_heads", 0},
      {"rms_norm_eps", -1e-6},
      {"intermediate_size", 1.5},
      {"hidden_act", "gelu"},
      {"rope_scaling", {{"type", "yarn"}}},
      {"num_attention_heads", 5},
      {"num_key_value_heads", 3},
  };
  for (const auto& [key, value] : bad) {
    Json config = fixture_config("dream");
    config[key] = value;
    const std::string message = refusal(config);
    EXPECT_NE(message.find("config.json"), std::string::npos) << key << value;
    EXPECT_TRUE(key == "num_key_value_heads" || message.find(key) != std::string::npos) << message;
  }
}

TEST(ReadFacts, RefusesSwitchesThatTheNetworkDoesNotHave) {
  const std::vector<std::pair<std::string, Json>> bad{{"block_type", "sequential"},
                                                      {"activation_type", "gelu"},
                                                      {"layer_norm_type", "low_precision"},
                                                      {"rope", false},
                                                      {"include_bias", true},
                                                      {"attention_layer_norm", true},
                                                      {"alibi", true},
                                                      {"block_group_size", 2},
                                                      {"rope_full_precision", false}};
  for (const auto& [key, value] : bad) {
    Json config = fixture_config("llada");
    config[key] = value;
    EXPECT_NE(refusal(config).find(key), std::string::npos) << key;
  }
}

TEST(ReadFacts, RefusesIdsBeyondTheEmbedding) {
  for (const char* key : {"mask_token_id", "eos_token_id"}) {
    Json config = fixture_config("llada");
    config[key] = 320;
    EXPECT_NE(refusal(config).find("320"), std::string::npos) << key;
  }
  Json config = fixture_config("llada");
  config["vocab_size"] = 400;
  EXPECT_NE(refusal(config).find("400"), std::string::npos);
}

TEST(ReadFacts, TakesDecodingDefaultsFromGenerationConfig) {
  const Json generation{
      {"max_new_tokens", 64}, {"steps", 32}, {"temperature", 0.5},        {"top_p", 0.9},
      {"alg", "entropy"},     {"eps", 0.01}, {"eos_token_id", {300, 302}}};
  const ModelFacts facts = ConfigFolder(fixture_config("dream"), generation).facts();
  EXPECT_EQ(facts.defaults.length, 64);
  EXPECT_EQ(facts.defaults.steps, 32);
  EXPECT_EQ(facts.defaults.temperature, 0.5);
  EXPECT_EQ(facts.defaults.top_p, 0.9);
  EXPECT_EQ(facts.defaults.order, Order::entropy);
  EXPECT_EQ(facts.defaults.commit, CommitKind::quota);
  EXPECT_EQ(facts.defaults.schedule_eps, 0.01);
  EXPECT_EQ(facts.defaults.end_ids, (std::vector<int>{300, 302}));
  // The reference's own stay beside them.
  EXPECT_EQ(facts.reference.temperature, 0);
  EXPECT_EQ(facts.reference.length, 512);
}

TEST(ReadFacts, IgnoresSamplingKeysWhereSamplingIsOff) {
  const Json generation{{"do_sample", false}, {"temperature", 0.5}, {"top_k", 5}};
  const ModelFacts facts = ConfigFolder(fixture_config("dream"), generation).facts();
  EXPECT_EQ(facts.defaults.temperature, 0);
  EXPECT_EQ(facts.defaults.top_k, 0);
}

TEST(PresetOptions, AreTheFamiliesReferences) {
  const ModelFacts facts = ConfigFolder(fixture_config("dream"), {{"steps", 3}}).facts();
  EXPECT_EQ(preset_options(facts, "reference").steps, 512);
  EXPECT_EQ(preset_options(facts, "llada").schedule, ScheduleKind::even);
  EXPECT_EQ(preset_options(facts, "llada").end_ids, facts.end_ids);
  EXPECT_THROW(preset_options(facts, "slow"), Error);
}

TEST(NeededTensors, AreExactlyThoseOfTheFixtures) {
  for (const char* name : {"llada", "llada_tied", "llada_bf16", "dream", "dream_tied"}) {
    const fs::path folder = fs::path(UNMASK_FIXTURES) / name / "model";
    const ModelFacts facts = read_facts(CheckpointConfig(folder), "");
    EXPECT_TRUE(check_tensors(Weights(folder), needed_tensors(facts.spec)).empty()) << name;
  }
}

}  // namespace
}  // namespace unmask
