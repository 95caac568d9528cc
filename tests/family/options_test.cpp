// How each family decodes by default, the presets, and what generation_config.json changes.
#include <gtest/gtest.h>

#include "base/testing.h"
#include "family/config_folder.h"
#include "rules/cards.h"

namespace unmask {
namespace {

using testing::ConfigFolder;
using testing::fixture_config;
using testing::fixture_facts;

DecodeOptions reference(const char* fixture) { return fixture_facts(fixture).reference; }

TEST(Reference, OfTheFamiliesThatSeeTheWholeCanvas) {
  struct Expected {
    const char* fixture;
    int length, block, steps;
    Order order;
    const char* schedule;
    const char* commit;
    Sampler sampler;
  };
  using enum Sampler;
  const std::vector<Expected> table{
      {"llada", 128, 128, 128, Order::confidence, "even", "quota", gumbel},
      {"llada_moe", 128, 128, 128, Order::confidence, "even", "quota", gumbel},
      {"dream", 512, 0, 512, Order::confidence, "dream", "bernoulli", categorical},
      {"a2d_qwen3", 128, 128, 128, Order::confidence, "dllm:linear", "quota", gumbel},
      {"rnd1", 256, 0, 256, Order::entropy, "rnd1", "quota", categorical},
      {"smdm", 128, 0, 512, Order::confidence, "dream", "bernoulli", gumbel},
      {"open_dcoder", 512, 0, 512, Order::entropy, "dream", "quota", categorical},
      {"mdlm", 64, 0, 128, Order::confidence, "linear", "ancestral", categorical},
  };
  for (const Expected& e : table) {
    SCOPED_TRACE(e.fixture);
    const DecodeOptions options = reference(e.fixture);
    EXPECT_EQ(options.length, e.length);
    EXPECT_EQ(options.block, e.block);
    EXPECT_EQ(options.steps, e.steps);
    EXPECT_EQ(options.steps_per, StepsPer::canvas);
    EXPECT_EQ(options.order, e.order);
    EXPECT_EQ(options.schedule.name(), e.schedule);
    EXPECT_EQ(options.commit.name(), e.commit);
    EXPECT_EQ(options.sampler, e.sampler);
    EXPECT_EQ(options.attention, AttentionKind::full);
    EXPECT_EQ(options.revise.name(), "none");
    EXPECT_EQ(options.temperature, 0);
    EXPECT_FALSE(options.stop_after_block);
  }
  EXPECT_EQ(reference("smdm").guidance, 2);
  EXPECT_EQ(option_text(reference("smdm"), "schedule"), "dream:1e-05");
  EXPECT_EQ(option_text(reference("mdlm"), "schedule"), "linear:1e-05");
  EXPECT_TRUE(reference("rnd1").top_k_first);
}

TEST(Reference, OfTheFamiliesThatSeeBlocks) {
  struct Expected {
    const char* fixture;
    int length, block, steps;
    const char* commit;
    bool stop_after_block;
  };
  const std::vector<Expected> table{
      {"llada2", 2048, 32, 32, "dynamic:0.95", true},
      {"llada21", 2048, 32, 0, "threshold:0.95,1", false},
      {"sdar", 128, 4, 0, "dynamic:0.85", true},
      {"sdar_moe", 128, 4, 0, "dynamic:0.85", true},
      {"fast_dllm_v2", 512, 32, 0, "threshold:1,1", true},
      {"bd3lm", 32, 4, 0, "quota", false},
  };
  for (const Expected& e : table) {
    SCOPED_TRACE(e.fixture);
    const DecodeOptions options = reference(e.fixture);
    EXPECT_EQ(options.length, e.length);
    EXPECT_EQ(options.block, e.block);
    EXPECT_EQ(options.steps, e.steps);
    EXPECT_EQ(option_text(options, "commit"), e.commit);
    EXPECT_EQ(options.stop_after_block, e.stop_after_block);
    EXPECT_EQ(options.attention, AttentionKind::block);
    EXPECT_EQ(options.grid, BlockGrid::absolute);
    EXPECT_EQ(options.temperature, 0);
  }
  EXPECT_EQ(reference("fast_dllm_v2").sub_block, 8);
  EXPECT_EQ(reference("fast_dllm_v2").top_p, 0.95);
  EXPECT_EQ(option_text(reference("llada21"), "revise"), "edit:0.9,16");
  EXPECT_EQ(reference("bd3lm").order, Order::random);
  EXPECT_EQ(reference("sdar").steps_per, StepsPer::block);
}

TEST(Reference, ContradictsItselfNowhere) {
  for (const std::string& name : testing::all_fixtures()) {
    const ModelFacts facts = fixture_facts(name);
    EXPECT_NO_THROW(check_options(facts.reference)) << name;
    EXPECT_NO_THROW(check_options(facts.defaults)) << name;
    for (const std::string_view preset : preset_names()) {
      EXPECT_NO_THROW(check_options(preset_options(facts, preset))) << name << ' ' << preset;
    }
  }
}

TEST(Presets, AreNamedAfterTheirReferences) {
  EXPECT_EQ(preset_names(), (std::vector<std::string_view>{
                                "reference", "llada", "dream", "fast-dllm", "llada2", "llada2.1",
                                "sdar", "fast-dllm-v2", "dllm-mdlm", "dllm-bd3lm", "open-dcoder",
                                "p2", "rnd1", "smdm", "mdlm", "remdm", "bd3lm"}));
}

TEST(Presets, SetTheOptionsOfTheirReference) {
  const ModelFacts facts = ConfigFolder(fixture_config("dream"), {{"steps", 3}}).facts();
  const auto preset = [&](std::string_view name) { return preset_options(facts, name); };
  EXPECT_EQ(facts.defaults.steps, 3);
  EXPECT_EQ(preset("reference").steps, 512);
  EXPECT_EQ(preset("llada").schedule.name(), "even");
  EXPECT_EQ(preset("llada").end_ids, facts.end_ids);
  EXPECT_EQ(preset("dllm-mdlm").attention, AttentionKind::full);
  EXPECT_EQ(preset("dllm-bd3lm").attention, AttentionKind::block);
  EXPECT_EQ(preset("dllm-bd3lm").grid, BlockGrid::prompt);
  EXPECT_EQ(preset("dllm-bd3lm").block, 32);
  EXPECT_TRUE(preset("dllm-bd3lm").stop_after_block);
  EXPECT_EQ(preset("p2").revise.name(), "p2");
  EXPECT_EQ(preset("p2").order, Order::confidence);
  EXPECT_EQ(option_text(preset("remdm"), "revise"), "remdm-cap:0.008");
  EXPECT_EQ(preset("remdm").commit.name(), "ancestral");
  EXPECT_EQ(preset("sdar").block, 4);
  EXPECT_EQ(preset("llada2.1").revise.name(), "edit");
}

TEST(Presets, AreListedWhereOneIsUnknown) {
  const ModelFacts facts = fixture_facts("dream");
  EXPECT_TRUE(testing::fails_with(ErrorCode::usage, {"'slow'", "reference", "dllm-bd3lm"},
                                  [&] { (void)preset_options(facts, "slow"); }));
}

TEST(Presets, OfTheCheckpointAreOptionsOnTopOfItsDefaults) {
  const Json fast{{"steps", 16}, {"order", "margin"}, {"temperature", 0.5}, {"early-stop", false}};
  const Json generation{{"top_p", 0.9},
                        {"eos_token_id", 300},
                        {"unmask", {{"presets", {{"fast", fast}, {"same", Json::object()}}}}}};
  const ModelFacts facts = ConfigFolder(fixture_config("dream"), generation).facts();
  const DecodeOptions options = preset_options(facts, "fast");
  EXPECT_EQ(options.steps, 16);
  EXPECT_EQ(options.order, Order::margin);
  EXPECT_EQ(options.temperature, 0.5);
  EXPECT_FALSE(options.early_stop);
  EXPECT_EQ(options.top_p, 0.9);
  EXPECT_EQ(options.end_ids, std::vector<int>{300});
  EXPECT_EQ(preset_options(facts, "same").steps, facts.defaults.steps);
  EXPECT_TRUE(testing::fails_with(ErrorCode::usage, {"'slow'", "reference", "fast", "same"},
                                  [&] { (void)preset_options(facts, "slow"); }));
}

TEST(Presets, OfTheCheckpointThatCannotBeAreRefused) {
  const auto refuses = [](const Json& presets, std::initializer_list<std::string_view> parts) {
    const Json generation{{"unmask", {{"presets", presets}}}};
    return testing::fails_with(ErrorCode::checkpoint, parts, [&] {
      (void)ConfigFolder(fixture_config("dream"), generation).facts();
    });
  };
  EXPECT_TRUE(refuses(3, {"generation_config.json", "unmask.presets", "object"}));
  EXPECT_TRUE(refuses({{"fast", 3}}, {"presets.fast", "object"}));
  EXPECT_TRUE(refuses({{"fast", {{"steps", -1}}}}, {"presets.fast", "--steps"}));
  EXPECT_TRUE(refuses({{"fast", {{"speed", 1}}}}, {"presets.fast", "speed"}));
  EXPECT_TRUE(refuses({{"fast", {{"steps", Json::array()}}}}, {"presets.fast.steps"}));
  EXPECT_TRUE(refuses({{"llada", Json::object()}}, {"presets.llada", "every model"}));
  EXPECT_TRUE(refuses({{"fast", {{"revise", "p2"}, {"commit", "threshold:0.5"}}}},
                      {"presets.fast", "revise"}));
}

TEST(GenerationConfig, OwnDefaultsComeOnTopOfHuggingFacesKeys) {
  const Json own{{"attention", "block"}, {"block-grid", "prompt"}, {"commit", "threshold:0.8"}};
  const Json generation{{"block_length", 8},
                        {"top_p", 0.9},
                        {"alg", "entropy"},
                        {"unmask",
                         {{"defaults", own},
                          {"holes", {{"attention", "full"}, {"steps", 40}}},
                          {"presets", {{"left", {{"order", "left"}}}}}}}};
  const ModelFacts facts = ConfigFolder(fixture_config("dream"), generation).facts();
  EXPECT_EQ(facts.defaults.attention, AttentionKind::block);
  EXPECT_EQ(facts.defaults.grid, BlockGrid::prompt);
  EXPECT_EQ(facts.defaults.commit.name(), "threshold");
  EXPECT_EQ(facts.defaults.block, 8);
  EXPECT_EQ(facts.defaults.top_p, 0.9);
  EXPECT_EQ(preset_options(facts, "left").attention, AttentionKind::block);
  EXPECT_EQ(preset_options(facts, "reference").attention, AttentionKind::full);
  EXPECT_EQ(facts.hole_options, (OptionList{{"attention", "full"}, {"steps", "40"}}));
}

TEST(GenerationConfig, OwnOptionsThatCannotBeAreRefused) {
  const auto refuses = [](const Json& own, std::initializer_list<std::string_view> parts) {
    const Json generation{{"unmask", own}};
    return testing::fails_with(ErrorCode::checkpoint, parts, [&] {
      (void)ConfigFolder(fixture_config("dream"), generation).facts();
    });
  };
  for (const char* key : {"defaults", "holes"}) {
    SCOPED_TRACE(key);
    const std::string place = std::string("unmask.") + key;
    EXPECT_TRUE(refuses({{key, 3}}, {"generation_config.json", place, "object"}));
    EXPECT_TRUE(refuses({{key, {{"speed", 1}}}}, {place, "speed"}));
    EXPECT_TRUE(refuses({{key, {{"attention", "block"}}}}, {place, "--attention block"}));
  }
}

TEST(Presets, OfTheModelThatShipsAreFastQualityAndFull) {
  const std::filesystem::path folder = UNMASK_SOURCE "/models/llama-unmask-8m";
  const ModelFacts facts = read_facts(*Checkpoint::open(folder), "");
  EXPECT_EQ(facts.defaults.attention, AttentionKind::block);
  EXPECT_TRUE(facts.defaults.first_alone);
  EXPECT_EQ(preset_options(facts, "fast").commit.name(), "threshold");
  EXPECT_EQ(preset_options(facts, "quality").order, Order::left);
  EXPECT_EQ(preset_options(facts, "full").attention, AttentionKind::full);
  for (const auto& [name, options] : facts.presets) {
    EXPECT_EQ(options.top_p, facts.defaults.top_p) << name;
    EXPECT_EQ(options.first_alone, options.attention == AttentionKind::block) << name;
  }
}

TEST(GenerationConfig, SetsDefaultsBesideTheReference) {
  const Json generation{
      {"max_new_tokens", 64}, {"steps", 32}, {"temperature", 0.5},        {"top_p", 0.9},
      {"alg", "entropy"},     {"eps", 0.01}, {"eos_token_id", {300, 302}}};
  const ModelFacts facts = ConfigFolder(fixture_config("dream"), generation).facts();
  EXPECT_EQ(facts.defaults.length, 64);
  EXPECT_EQ(facts.defaults.steps, 32);
  EXPECT_EQ(facts.defaults.temperature, 0.5);
  EXPECT_EQ(facts.defaults.top_p, 0.9);
  EXPECT_EQ(facts.defaults.order, Order::entropy);
  EXPECT_EQ(facts.defaults.commit.name(), "quota");
  EXPECT_EQ(option_text(facts.defaults, "schedule"), "dream:0.01");
  EXPECT_EQ(facts.defaults.end_ids, (std::vector<int>{300, 302}));
  EXPECT_EQ(facts.reference.temperature, 0);
  EXPECT_EQ(facts.reference.length, 512);
}

TEST(GenerationConfig, IgnoresSamplingKeysWhereSamplingIsOff) {
  for (const char* off : {"do_sample", "greedy"}) {
    const Json generation{{off, std::string(off) == "greedy"}, {"temperature", 0.5}, {"top_k", 5}};
    const ModelFacts facts = ConfigFolder(fixture_config("dream"), generation).facts();
    EXPECT_EQ(facts.defaults.temperature, 0) << off;
    EXPECT_EQ(facts.defaults.top_k, 0) << off;
  }
}

TEST(GenerationConfig, OfThePublishedFamilies) {
  const DecodeOptions sdar = fixture_facts("sdar").defaults;
  EXPECT_EQ(sdar.temperature, 0.6);
  EXPECT_EQ(sdar.top_k, 20);
  EXPECT_EQ(sdar.top_p, 0.95);
  const DecodeOptions fast = fixture_facts("fast_dllm_v2").defaults;
  EXPECT_EQ(fast.temperature, 0.7);
  EXPECT_EQ(fast.top_p, 0.8);
  const DecodeOptions rnd1 = fixture_facts("rnd1").defaults;
  EXPECT_EQ(rnd1.temperature, 0);
  EXPECT_EQ(rnd1.steps, 256);
}

TEST(GenerationConfig, HasRnd1sOwnKeys) {
  const Json generation{{"num_diffusion_steps", 64},
                        {"greedy", false},
                        {"temperature", 0.1},
                        {"top_k", nullptr},
                        {"eb_gamma", 2.0}};
  const DecodeOptions options = ConfigFolder(fixture_config("rnd1"), generation).facts().defaults;
  EXPECT_EQ(options.steps, 64);
  EXPECT_EQ(options.temperature, 0.1);
  EXPECT_EQ(options.top_k, 0);
  EXPECT_EQ(option_text(options, "commit"), "entropy-bound:2");
}

TEST(GenerationConfig, HasNoStepsWhereTheFamilyCountsNone) {
  for (const char* fixture : {"fast_dllm_v2", "llada21"}) {
    const Json generation{{"steps", 7}, {"block_length", 16}};
    const DecodeOptions options = ConfigFolder(fixture_config(fixture), generation)
                                      .facts(testing::named_family(fixture))
                                      .defaults;
    EXPECT_EQ(options.steps, 0) << fixture;
    EXPECT_EQ(options.block, 16) << fixture;
  }
}

TEST(GenerationConfig, RefusesValuesOutOfRange) {
  for (const auto& [key, value] :
       std::vector<std::pair<const char*, Json>>{{"temperature", -1},
                                                 {"top_p", 0},
                                                 {"steps", 0},
                                                 {"max_new_tokens", "many"},
                                                 {"do_sample", 1},
                                                 {"greedy", "yes"},
                                                 {"eb_gamma", -1},
                                                 {"mask_token_id", 320},
                                                 {"alg", "best"}}) {
    EXPECT_TRUE(testing::fails_with(ErrorCode::checkpoint, {}, [&, k = key, v = value] {
      (void)ConfigFolder(fixture_config("dream"), {{k, v}}).facts();
    })) << key;
  }
}

}  // namespace
}  // namespace unmask
