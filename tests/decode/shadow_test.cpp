// WINO's shadow rows in a real network.
#include "decode/shadow.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "decode/trajectory.h"

namespace unmask {
namespace {

using testing::Fixture;

constexpr int kMask = 11;

TEST(WithShadow, AddsRowsThatSeeEverythingButWhatTheyJudge) {
  const Canvas canvas(std::vector<int>{1, 2, 3}, {}, 2, kMask);
  Wants wants;
  wants.rows = {3, 4};
  wants.shadow = {2, 4};
  const ShadowedCanvas plain = with_shadow(canvas, wants, /*logit_shift=*/false);
  EXPECT_EQ(plain.ids, (std::vector<int>{1, 2, 3, kMask, kMask, kMask, kMask}));
  EXPECT_EQ(plain.positions, (std::vector<int>{0, 1, 2, 3, 4, 2, 4}));
  EXPECT_EQ(plain.rows, (std::vector<int>{3, 4, 5, 6}));
  for (int query = 0; query < 7; ++query) {
    for (int key = 0; key < 7; ++key) {
      const bool hidden =
          (query < 5 && key >= 5) || (query == 5 && key == 2) || (query == 6 && key == 4);
      EXPECT_EQ(plain.visible[query][key].item<bool>(), !hidden) << query << ' ' << key;
    }
  }
  const ShadowedCanvas shifted = with_shadow(canvas, wants, /*logit_shift=*/true);
  EXPECT_EQ(shifted.positions, (std::vector<int>{0, 1, 2, 3, 4, 1, 3}));
  EXPECT_EQ(shifted.rows, (std::vector<int>{3, 4, 6, 7}));
}

class WinoFixture : public ::testing::TestWithParam<std::string> {
 private:
  c10::InferenceMode inference_;
};

TEST_P(WinoFixture, ShadowRowsChangeNothingForTheOthersAndDoNotSeeTheirToken) {
  const Model model = Fixture(GetParam()).load();
  const int mask = model.facts().mask_id;
  const bool shift = model.facts().logit_shift;
  const std::vector<int> prompt{5, 6, 7, 8, 9, 10};
  const auto ask = [&](const std::vector<int>& ids, const std::vector<int>& shadow) {
    const Canvas canvas(ids, {}, 3, mask);
    Wants wants;
    wants.rows = {6, 7, 8};
    wants.shadow = shadow;
    const ShadowedCanvas all = with_shadow(canvas, wants, shift);
    const Request request{
        .ids = all.ids, .positions = all.positions, .rows = all.rows, .visible = all.visible};
    return model.predict({&request, 1}).front();
  };
  const at::Tensor with = ask(prompt, {2, 4}), without = ask(prompt, {});
  EXPECT_TRUE(at::allclose(with.slice(0, 0, 3), without, 1e-4, 1e-5));
  // Another token at the position that a row judges leaves the row as it is where no other row
  // sees it; the rest of the canvas does.
  std::vector<int> changed = prompt;
  changed[4] = 20;
  EXPECT_FALSE(at::allclose(ask(changed, {4}).slice(0, 0, 3), without, 1e-4, 1e-5));
  EXPECT_FALSE(at::allclose(ask(changed, {2})[3], ask(prompt, {2})[3], 1e-4, 1e-5));
}

TEST(WinoShadow, JudgesAnOpenPositionAsItsOwnRowDoes) {
  // A lone shadow row of an open position is that position over again: a mask that sees itself and
  // everything else.
  const c10::InferenceMode inference;
  const Model model = Fixture("llada").load();
  const Canvas canvas(std::vector<int>{5, 6, 7, 8}, {}, 3, model.facts().mask_id);
  Wants wants;
  wants.rows = {4, 5, 6};
  wants.shadow = {5};
  const ShadowedCanvas all = with_shadow(canvas, wants, /*logit_shift=*/false);
  const Request request{
      .ids = all.ids, .positions = all.positions, .rows = all.rows, .visible = all.visible};
  const at::Tensor logits = model.predict({&request, 1}).front();
  EXPECT_TRUE(at::allclose(logits[3], logits[1], 1e-4, 1e-5));
  EXPECT_FALSE(at::allclose(logits[3], logits[0], 1e-4, 1e-5));
}

TEST_P(WinoFixture, FillsTheCanvasWithinItsBound) {
  const Model model = Fixture(GetParam()).load();
  GenerationRequest request;
  request.canvas = {Segment::given({5, 6, 7})};
  request.options.length = 24;
  request.options.block = 12;
  set_option(request.options, "revise", "wino:0.05,0.1");
  for (const double guidance : {0.0, 1.0}) {
    request.options.guidance = guidance;
    request.options.early_stop = false;
    const testing::TracedRun run = testing::run_alone(model, request);
    EXPECT_LE(run.result.forwards, 24);
    EXPECT_EQ(run.result.canvas.size(), 27U);
    EXPECT_EQ(std::count(run.result.canvas.begin(), run.result.canvas.end(), model.facts().mask_id),
              0);
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, WinoFixture, ::testing::Values("llada", "dream"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace unmask
