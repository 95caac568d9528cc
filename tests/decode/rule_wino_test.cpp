// WINO on networks of ours, and its shadow rows in a real one.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "decode/scripted_network.h"
#include "decode/shadow.h"
#include "decode/trajectory.h"

namespace unmask {
namespace {

using testing::Fixture;
using testing::Said;
using testing::ScriptedNetwork;

constexpr int kVocab = 12, kMask = 11;

DecodeOptions wino(int length, int block, double wide, double narrow) {
  DecodeOptions options;
  options.length = length;
  options.block = block;
  options.revise = ReviseKind::wino;
  options.revise_strength = wide;
  options.verify_bound = narrow;
  return options;
}

struct Step {
  std::vector<int> rows, shadow, writes, reopened;
};

/// `network` answers the open rows, `judge` the shadow rows.
std::vector<Step> run(const DecodeOptions& options, Canvas& canvas, const ScriptedNetwork& network,
                      const ScriptedNetwork& judge) {
  const auto rule = make_rule(options, {kVocab, kMask, options.end_ids}, canvas);
  SeededNoise noise(1);
  std::vector<Step> steps;
  const int bound = rule->steps();
  while (const auto wants = rule->wants(canvas)) {
    EXPECT_LT(wants->step, bound);
    if (wants->step >= bound) break;
    at::Tensor logits = scripted_logits(network, canvas, wants->rows, kVocab);
    if (!wants->shadow.empty()) {
      logits = at::cat({logits, scripted_logits(judge, canvas, wants->shadow, kVocab)});
    }
    const Edit edit = rule->step(canvas, logits, noise);
    canvas.apply(edit);
    Step step{wants->rows, wants->shadow, {}, edit.reopen};
    for (const Write& write : edit.writes) step.writes.push_back(write.position);
    steps.push_back(step);
  }
  EXPECT_EQ(rule->steps(), static_cast<int>(steps.size()));
  return steps;
}

TEST(WinoRule, WritesWhatIsSureAndMasksAgainWhatTheShadowDoesNotConfirm) {
  Canvas canvas(std::vector<int>{1, 1}, {}, 8, kMask);
  // First 2, 3 and 4 are sure. Then 5 and 6 are, and 3 is not confirmed any more.
  const ScriptedNetwork network = [](const Canvas& now, int position) -> Said {
    const bool sure = now.count_open(2, 10) == 8 ? position <= 4 : true;
    return {position % 10, sure ? 0.8 : 0.3};
  };
  const ScriptedNetwork judge = [](const Canvas& now, int position) -> Said {
    return {now.ids()[position] == kMask ? 0 : now.ids()[position], position == 3 ? 0.5 : 0.95};
  };
  const std::vector<Step> steps = run(wino(8, 8, 0.6, 0.9), canvas, network, judge);
  ASSERT_GE(steps.size(), 3U);
  EXPECT_TRUE(steps[0].shadow.empty());  // nothing to be judged
  EXPECT_EQ(steps[0].writes, (std::vector<int>{2, 3, 4}));
  EXPECT_EQ(steps[1].shadow, (std::vector<int>{2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(steps[1].writes, (std::vector<int>{5, 6, 7, 8, 9}));
  EXPECT_EQ(steps[1].reopened, (std::vector<int>{3}));
  // One token alone is written without a judgement.
  EXPECT_EQ(steps[2].rows, (std::vector<int>{3}));
  EXPECT_TRUE(steps[2].reopened.empty());
}

TEST(WinoRule, WritesAtMostSevenTenthsOfTheOpenPositionsButFiveAtLeast) {
  const ScriptedNetwork sure = [](const Canvas&, int position) -> Said {
    return {position % 10, 0.95 - 0.001 * position};
  };
  const auto counts = [&](int length) {
    Canvas canvas(std::vector<int>{1}, {}, length, kMask);
    std::vector<std::size_t> written;
    // The judge confirms everything.
    for (const Step& step : run(wino(length, 0, 0.6, 0), canvas, sure, sure)) {
      written.push_back(step.writes.size());
    }
    return written;
  };
  EXPECT_EQ(counts(12), (std::vector<std::size_t>{8, 4}));
  EXPECT_EQ(counts(40), (std::vector<std::size_t>{20, 14, 5, 1}));
}

TEST(WinoRule, MasksFewerThanTheStepBeforeHasWritten) {
  Canvas canvas(std::vector<int>{1}, {}, 9, kMask);
  const ScriptedNetwork network = [](const Canvas& now, int position) -> Said {
    const bool first = now.count_open(1, 10) == 9;
    return {position % 10, first && position > 3 ? 0.3 : 0.8};
  };
  // Nothing is confirmed, 2 least of all; 3 tokens were written, so that at most 2 are masked.
  const ScriptedNetwork judge = [](const Canvas&, int position) -> Said {
    return {0, 0.5 + 0.1 * (position == 2)};
  };
  const std::vector<Step> steps = run(wino(9, 9, 0.6, 0.9), canvas, network, judge);
  EXPECT_EQ(steps[0].writes, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(steps[1].reopened, (std::vector<int>{1, 2}));
}

TEST(WinoRule, NeverExceedsItsBoundAndNeverTouchesThePrompt) {
  std::size_t reopened = 0;
  for (unsigned seed = 0; seed < 40; ++seed) {
    Canvas canvas(std::vector<int>(5, kMask), std::vector<int>{3}, 17, kMask);
    const auto hash = [=](const Canvas& now, int position) {
      unsigned value = seed * 2654435761U + static_cast<unsigned>(position) * 40503U +
                       static_cast<unsigned>(now.count_open(0, now.size())) * 97U;
      value = (value ^ (value >> 15)) * 2246822519U;
      return value ^ (value >> 13);
    };
    const ScriptedNetwork network = [=](const Canvas& now, int position) -> Said {
      return {static_cast<int>(hash(now, position) % 11),
              0.2 + 0.7 * ((hash(now, position) >> 8) % 100) / 100.0};
    };
    DecodeOptions options = wino(17, 6, 0.5, 0.8);
    options.grid = BlockGrid::absolute;
    options.attention = AttentionKind::full;
    const std::vector<Step> steps = run(options, canvas, network, network);
    for (const Step& step : steps) reopened += step.reopened.size();
    for (const int given : {0, 1, 2, 4}) EXPECT_EQ(canvas.ids()[given], kMask);
    EXPECT_EQ(canvas.count_open(0, canvas.size()), 0);
  }
  EXPECT_GT(reopened, 0U) << "no network made the rule change its mind";
}

TEST(WinoRule, TokensOfTheBlockWorkedOnAreNotFinal) {
  Canvas canvas(std::vector<int>{1}, {}, 6, kMask);
  const auto rule = make_rule(wino(6, 3, 0.6, 0.9), {kVocab, kMask, {}}, canvas);
  (void)rule->wants(canvas);
  EXPECT_EQ(rule->final_before(canvas), 1);
  canvas.apply({{{1, 2, 1}, {2, 2, 1}, {3, 2, 1}}, {}});
  EXPECT_EQ(rule->final_before(canvas), 4);
}

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
  request.options = wino(24, 12, 0.05, 0.1);
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
