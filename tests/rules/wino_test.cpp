// WINO on networks of ours. Its shadow rows in a real one are in decode/shadow_test.cpp.
#include <gtest/gtest.h>

#include "rules/cards.h"
#include "rules/scripted_network.h"

namespace unmask {
namespace {

using testing::Said;
using testing::said_of;
using testing::ScriptedDistributions;
using testing::ScriptedNetwork;

constexpr int kVocab = 12, kMask = 11;

DecodeOptions wino(int length, int block, double wide, double narrow) {
  DecodeOptions options;
  options.length = length;
  options.block = block;
  options.revise = {find_card<ReviseCard>("wino"), {wide, narrow}};
  return options;
}

struct Step {
  std::vector<int> rows, shadow, writes, reopened;
};

ScriptedDistributions said_with_shadow(const ScriptedNetwork& network, const ScriptedNetwork& judge,
                                       const Canvas& canvas, const Wants& wants) {
  const ScriptedDistributions said = said_of(network, canvas, wants.rows, kVocab);
  const ScriptedDistributions judged = said_of(judge, canvas, wants.shadow, kVocab);
  std::vector<int> positions = said.positions();
  ScriptedDistributions::Rows logits = said.logits();
  positions.insert(positions.end(), wants.shadow.begin(), wants.shadow.end());
  logits.insert(logits.end(), judged.logits().begin(), judged.logits().end());
  return {positions, logits, kMask};
}

/// `network` answers the open rows, `judge` the shadow rows.
std::vector<Step> run(const DecodeOptions& options, Canvas& canvas, const ScriptedNetwork& network,
                      const ScriptedNetwork& judge) {
  const auto rule = make_rule(options, canvas);
  SeededNoise noise(1);
  std::vector<Step> steps;
  const int bound = rule->bound();
  while (const auto wants = rule->next(canvas)) {
    EXPECT_LT(wants->step, bound);
    if (wants->step >= bound) break;
    const Edit edit = rule->step(canvas, said_with_shadow(network, judge, canvas, *wants), noise);
    canvas.apply(edit);
    Step step{wants->rows, wants->shadow, {}, edit.reopen};
    for (const Write& write : edit.writes) step.writes.push_back(write.position);
    steps.push_back(step);
  }
  EXPECT_EQ(rule->bound(), bound);
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
  const auto rule = make_rule(wino(6, 3, 0.6, 0.9), canvas);
  (void)rule->next(canvas);
  EXPECT_EQ(rule->final_before(canvas), 1);
  canvas.apply({{{1, 2, 1}, {2, 2, 1}, {3, 2, 1}}, {}});
  EXPECT_EQ(rule->final_before(canvas), 4);
}

}  // namespace
}  // namespace unmask
