// What follows from every fixture's config.json, and that its weights are exactly what is needed.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/testing.h"
#include "family/config_folder.h"
#include "references/parameters.h"
#include "references/reference_cases.h"

namespace unmask {
namespace {

using testing::fixture_facts;

struct Expected {
  const char* fixture;
  const char* family;
  int mask;  // kUnknownId: the tokenizer's
  std::vector<int> ends;
  int context, block;
  bool shift;
};

const std::vector<Expected>& expected() {
  static const std::vector<Expected> table{
      {"a2d_llama", "a2d", kUnknownId, {286}, 131072, 0, false},
      {"a2d_qwen2", "a2d", kUnknownId, {294}, 32768, 0, false},
      {"a2d_qwen3", "a2d", kUnknownId, {298}, 40960, 0, false},
      {"bd3lm", "bd3lm", 257, {}, 0, 4, false},
      {"dream", "dream", 309, {300}, 64, 0, true},
      {"dream_tied", "dream", 309, {300}, 64, 0, true},
      {"fast_dllm_v2", "fast-dllm-v2", kUnknownId, {318, 316}, 32768, 32, true},
      {"llada", "llada", 305, {301}, 0, 0, false},
      {"llada2", "llada2", kUnknownId, {301}, 128, 0, false},
      {"llada21", "llada2.1", kUnknownId, {301}, 128, 0, false},
      {"llada2_bias", "llada2", kUnknownId, {301}, 128, 0, false},
      {"llada_bf16", "llada", 305, {301}, 0, 0, false},
      {"llada_moe", "llada-moe", kUnknownId, {301}, 64, 0, false},
      {"llada_moe_ext", "llada-moe", kUnknownId, {301}, 64, 0, false},
      {"llada_tied", "llada", 305, {301}, 0, 0, false},
      {"mdlm", "mdlm", 289, {}, 64, 0, false},
      {"open_dcoder", "open-dcoder", kUnknownId, {288}, 32768, 0, true},
      {"open_dcoder_alt", "open-dcoder", 312, {300}, 64, 0, true},
      {"rnd1", "rnd1", 295, {294}, 40960, 0, true},
      {"sdar", "sdar", 319, {316, 314}, 512, 4, false},
      {"sdar_moe", "sdar-moe", 295, {292, 290}, 32768, 4, false},
      {"smdm", "smdm", 384, {2}, 128, 0, false},
  };
  return table;
}

TEST(FixtureFacts, AreThoseOfTheFamily) {
  for (const Expected& e : expected()) {
    SCOPED_TRACE(e.fixture);
    const ModelFacts facts = fixture_facts(e.fixture);
    EXPECT_EQ(facts.family, e.family);
    EXPECT_EQ(facts.mask_id, e.mask);
    EXPECT_EQ(facts.end_ids, e.ends);
    EXPECT_EQ(facts.reference.end_ids, e.ends);
    EXPECT_EQ(facts.context, e.context);
    EXPECT_EQ(facts.block, e.block);
    EXPECT_EQ(facts.logit_shift, e.shift);
    EXPECT_EQ(facts.window, facts.family == "bd3lm" ? 32 : 0);
    EXPECT_EQ(facts.thinks, facts.family != "a2d");
    const bool ambiguous = facts.family == "llada2" || facts.family == "a2d";
    EXPECT_EQ(!facts.ambiguity.empty(), ambiguous);
  }
}

TEST(FixtureFacts, AreExpectedForEveryFixture) {
  std::vector<std::string> names;
  for (const Expected& e : expected()) names.emplace_back(e.fixture);
  EXPECT_EQ(testing::all_fixtures(), names);
}

TEST(FixtureCases, AreComparedStepByStepWhereTheyAreDeterministic) {
  std::vector<std::string> names;
  for (const std::string& name : testing::all_fixtures()) {
    if (!testing::reference_cases(name).empty()) names.push_back(name);
  }
  EXPECT_EQ(testing::deterministic_fixtures(), names);
}

TEST(FixtureCases, OfAnUnknownAlgorithmAreNotPassedOver) {
  testing::ReferenceCase reference;
  reference.algorithm = "new.sample";
  EXPECT_THROW(testing::read_parameters({{"params", Json::object()}}, reference),
               std::runtime_error);
  reference.algorithm = "new.sample with supplied uniforms";
  EXPECT_FALSE(testing::read_parameters({{"params", Json::object()}}, reference));
}

TEST(FixtureWeights, AreExactlyWhatIsNeeded) {
  for (const std::string& name : testing::all_fixtures()) {
    SCOPED_TRACE(name);
    const ModelSpec spec = fixture_facts(name).spec;
    const auto checkpoint = Checkpoint::open(testing::fixture(name) / "model");
    for (const std::string& unused : check_tensors(checkpoint->tensors(), needed_tensors(spec))) {
      EXPECT_TRUE(is_derived_buffer(unused)) << unused;
    }
  }
}

TEST(FixtureSpecs, KnowTheAttentionOfEachFamily) {
  const auto spec = [](const char* name) { return fixture_facts(name).spec; };
  EXPECT_EQ(spec("a2d_qwen3").head_dim, 32);
  EXPECT_EQ(spec("a2d_qwen3").names.in_layer.query_norm, "self_attn.q_norm");
  EXPECT_TRUE(spec("a2d_qwen2").qkv_bias);
  EXPECT_FALSE(spec("a2d_qwen2").output_bias);
  EXPECT_EQ(spec("a2d_qwen2").names.in_layer.query_norm, "");
  EXPECT_FALSE(spec("a2d_llama").qkv_bias);
  EXPECT_TRUE(spec("llada2_bias").qkv_bias);
  EXPECT_TRUE(spec("llada2_bias").output_bias);
  EXPECT_EQ(spec("llada2").qkv, QkvLayout::fused);
  EXPECT_EQ(spec("smdm").qkv, QkvLayout::fused_by_group);
  EXPECT_EQ(spec("llada_moe_ext").clip_qkv, 4);
  EXPECT_EQ(spec("llada_moe").clip_qkv, 0);
  EXPECT_TRUE(spec("open_dcoder").tied_head);
  EXPECT_EQ(spec("smdm").vocab_rows, 385);
  EXPECT_EQ(spec("smdm").head_rows, 384);
}

TEST(FixtureSpecs, KnowTheRotationOfEachFamily) {
  const auto rotary = [](const char* name) { return fixture_facts(name).spec.rotary; };
  EXPECT_EQ(rotary("llada").tables, RotaryTables::float32);
  EXPECT_EQ(rotary("dream").tables, RotaryTables::compute_type);
  EXPECT_EQ(rotary("smdm").tables, RotaryTables::bfloat16);
  EXPECT_EQ(rotary("llada2").dims, 8);
  EXPECT_EQ(rotary("llada2").theta, 600000);
  EXPECT_EQ(rotary("llada_moe").dims, 0);
  EXPECT_EQ(rotary("llada_moe_ext").dims, 8);
  EXPECT_EQ(rotary("mdlm").theta, 10000);
  EXPECT_FALSE(rotary("a2d_qwen3").llama3);
  const Llama3Rope scaling = rotary("a2d_llama").llama3.value();
  EXPECT_EQ(scaling.factor, 32);
  EXPECT_EQ(scaling.low, 1);
  EXPECT_EQ(scaling.high, 4);
  EXPECT_EQ(scaling.original_context, 64);
}

TEST(FixtureSpecs, KnowTheExpertsOfEachFamily) {
  const auto experts = [](const char* name) { return fixture_facts(name).spec.experts; };
  EXPECT_EQ(experts("sdar").count, 0);
  EXPECT_EQ(experts("sdar_moe").count, 6);
  EXPECT_EQ(experts("rnd1").per_token, 2);
  EXPECT_TRUE(experts("rnd1").renormalize);
  EXPECT_EQ(experts("rnd1").router, Router::softmax);
  EXPECT_FALSE(experts("llada_moe").renormalize);
  EXPECT_FALSE(experts("llada_moe").bias);
  EXPECT_TRUE(experts("llada_moe_ext").biased_mix);
  EXPECT_EQ(experts("llada_moe_ext").shared_intermediate, 48);
  EXPECT_EQ(experts("llada_moe_ext").dense_layers, (std::vector<int>{0}));
  EXPECT_EQ(experts("llada2").router, Router::sigmoid_groups);
  EXPECT_EQ(experts("llada2").groups, 4);
  EXPECT_EQ(experts("llada2").top_groups, 2);
  EXPECT_EQ(experts("llada2").scale, 2.5);
  EXPECT_TRUE(experts("llada2").bias);
  EXPECT_FALSE(experts("llada2").biased_mix);
  EXPECT_EQ(experts("llada2_bias").shared_intermediate, 64);
}

TEST(FixtureSpecs, KnowTheDiffusionTransformers) {
  const ModelSpec spec = fixture_facts("bd3lm").spec;
  EXPECT_EQ(spec.network, NetworkKind::diffusion_transformer);
  EXPECT_EQ(spec.diffusion.conditioning, 32);
  EXPECT_TRUE(spec.diffusion.adaptive);
  EXPECT_FALSE(spec.diffusion.time_conditioning);
  EXPECT_EQ(spec.norm_eps, 1e-5);
  EXPECT_EQ(fixture_facts("mdlm").spec.intermediate, 256);
}

TEST(Families, HaveAFixtureEach) {
  for (const Family* family : families()) {
    const bool exported = family->name == "exported";  // nothing of it is data to be checked in
    const bool found = std::any_of(expected().begin(), expected().end(),
                                   [&](const Expected& e) { return family->name == e.family; });
    EXPECT_TRUE(found || exported) << "no fixture of the family " << family->name;
  }
}

}  // namespace
}  // namespace unmask
