// Logits and hidden states of every family against the reference implementations'.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "support/forward_case.h"

namespace unmask {
namespace {

using testing::compare_logits;
using testing::first_difference;
using testing::Fixture;
using testing::forward_cases;
using testing::ForwardCase;

class Forward : public ::testing::TestWithParam<std::string> {
  c10::InferenceMode inference_;
};

/// The reference is fed a noise level that a checkpoint without time conditioning never gets.
bool needs_time_conditioning(const ForwardCase& test_case) {
  return test_case.name == "time_conditioning_true";
}

TEST_P(Forward, LogitsAreTheReferences) {
  const Fixture fixture(GetParam());
  const Model model = fixture.load(ComputeType::f32, /*raw=*/true);
  int compared = 0;
  for (const ForwardCase& test_case : forward_cases(fixture)) {
    if (needs_time_conditioning(test_case)) continue;
    EXPECT_EQ(compare_logits(fixture, model, test_case), "");
    ++compared;
  }
  EXPECT_GT(compared, 2);
}

TEST_P(Forward, HiddenStatesAreTheReferences) {
  const Fixture fixture(GetParam());
  const Model model = fixture.load();
  int compared = 0;
  for (const ForwardCase& test_case : forward_cases(fixture)) {
    if (test_case.hidden.empty()) continue;
    std::vector<at::Tensor> hidden;
    model.raw_logits(test_case.rows[0].request(test_case.attention), &hidden);
    ASSERT_EQ(hidden.size(), test_case.hidden.size());
    for (std::size_t i = 0; i < hidden.size(); ++i) {
      EXPECT_EQ(first_difference(hidden[i], fixture.golden(test_case.hidden[i])[0], test_case.atol,
                                 test_case.rtol),
                "")
          << test_case.hidden[i];
      ++compared;
    }
  }
  EXPECT_GT(compared, 0);
}

TEST_P(Forward, ShiftedRowsAreTheLogitsOfThePositionBefore) {
  const Fixture fixture(GetParam());
  const Model model = fixture.load();
  const std::vector<int> ids{5, 6, 7, 8};
  const std::vector<int> rows{0, 2, 3};
  const at::Tensor raw = model.raw_logits({.ids = ids});
  const Request request{.ids = ids, .rows = rows};
  const at::Tensor predicted = model.predict({&request, 1})[0];
  const bool shift = fixture.facts().logit_shift;
  const std::vector<int> sources = shift ? std::vector<int>{0, 1, 2} : rows;
  EXPECT_EQ(
      first_difference(predicted, raw.index_select(0, at::tensor(sources, at::kInt)), 1e-5, 0), "");
}

INSTANTIATE_TEST_SUITE_P(Families, Forward, ::testing::ValuesIn(testing::all_fixtures()),
                         [](const auto& info) { return info.param; });

TEST(ForwardBfloat16, StaysWithinTheNoiseOfTheReference) {
  const c10::InferenceMode inference;
  const Fixture fixture("llada_bf16");
  const Model model = fixture.load(ComputeType::bf16);
  std::vector<ForwardCase> cases = forward_cases(fixture);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Json& golden = fixture.cases()["forward"][i];
    cases[i].logits = golden["logits_bf16_compute"];
    // The fixture's advice: three times the reference's own distance between bfloat16 and float32.
    cases[i].atol = 3 * golden["bf16_vs_f32_max_abs_diff"].get<double>();
    cases[i].rtol = 0;
    EXPECT_EQ(compare_logits(fixture, model, cases[i]), "");
  }
}

TEST(ForwardTimeConditioning, TheNoiseLevelChangesTheLogitsAsInTheReference) {
  const c10::InferenceMode inference;
  const Fixture fixture("mdlm");
  ModelFacts facts = fixture.facts();
  facts.spec.diffusion.time_conditioning = true;
  const Model model(fixture.checkpoint(), facts, ComputeType::f32);
  int compared = 0;
  for (const ForwardCase& test_case : forward_cases(fixture)) {
    if (!needs_time_conditioning(test_case)) continue;
    EXPECT_EQ(compare_logits(fixture, model, test_case), "");
    ++compared;
  }
  EXPECT_EQ(compared, 1);
}

TEST(ForwardBlockCausal, LaterBlocksDoNotReachEarlierOnes) {
  const c10::InferenceMode inference;
  const Model model = Fixture("llada").load();
  const std::vector<int> ids{10, 11, 12, 13, 14, 15}, changed{10, 11, 12, 13, 99, 98};
  const Attention blocks{.block = 2};
  const at::Tensor a = model.raw_logits({.ids = ids, .attention = blocks});
  const at::Tensor b = model.raw_logits({.ids = changed, .attention = blocks});
  EXPECT_EQ(first_difference(a.slice(0, 0, 4), b.slice(0, 0, 4), 1e-6, 0), "");
  EXPECT_NE(first_difference(a.slice(0, 4), b.slice(0, 4), 1e-2, 0), "");
  // Within a block everything sees everything.
  const std::vector<int> second{10, 11, 12, 77, 14, 15};
  const at::Tensor c = model.raw_logits({.ids = second, .attention = blocks});
  EXPECT_NE(first_difference(a.slice(0, 2, 3), c.slice(0, 2, 3), 1e-2, 0), "");
}

TEST(ForwardBlockCausal, AnOffsetMovesTheBorders) {
  const c10::InferenceMode inference;
  const Model model = Fixture("llada").load();
  // With offset 1 the blocks of 2 are {0}, {1, 2}, {3, 4}.
  const std::vector<int> ids{10, 11, 12, 13, 14}, changed{10, 11, 12, 99, 98};
  const Attention blocks{.block = 2, .offset = 1};
  const at::Tensor a = model.raw_logits({.ids = ids, .attention = blocks});
  const at::Tensor b = model.raw_logits({.ids = changed, .attention = blocks});
  EXPECT_EQ(first_difference(a.slice(0, 0, 3), b.slice(0, 0, 3), 1e-6, 0), "");
  EXPECT_NE(first_difference(a.slice(0, 3), b.slice(0, 3), 1e-2, 0), "");
}

TEST(ForwardRows, ThatAreNotComputedAreOurOwnError) {
  const c10::InferenceMode inference;
  const Model model = Fixture("dream").load();  // its logits are shifted
  const auto cache = model.make_cache(4);
  const std::vector<int> ids{10, 11, 12, 13}, rows{3};
  const Request request{.ids = ids, .rows = rows, .compute = {0, 1}, .cache = cache.get()};
  try {
    (void)model.predict({&request, 1});
    FAIL() << "it was answered";
  } catch (const std::logic_error& error) {
    EXPECT_STREQ(error.what(), "the output for row 3 is that of index 2, which is not computed");
  }
}

TEST(ForwardVisible, AnOutrightMaskTakesTheAttentionsPlace) {
  const c10::InferenceMode inference;
  const Model model = Fixture("llada").load();
  const std::vector<int> ids{10, 11, 12, 13, 14, 15};
  const at::Tensor blocks = at::tensor({0, 0, 1, 1, 2, 2});
  const Request masked{.ids = ids, .visible = blocks.unsqueeze(0).le(blocks.unsqueeze(1))};
  EXPECT_EQ(first_difference(model.raw_logits(masked),
                             model.raw_logits({.ids = ids, .attention = {.block = 2}}), 1e-6, 0),
            "");
  const Request misshapen{.ids = ids, .visible = at::ones({6, 5}, at::kBool)};
  EXPECT_THROW(model.raw_logits(misshapen), std::logic_error);
}

}  // namespace
}  // namespace unmask
