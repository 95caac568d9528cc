// LLaDA2.1's rule. Its trajectories are in generate_test; here is what they do not show.
#include <gtest/gtest.h>

#include "rules/cards.h"
#include "rules/scripted_network.h"

namespace unmask {
namespace {

using testing::run_scripted;
using testing::Said;
using testing::ScriptedStep;
using Ids = std::vector<int>;

constexpr int kVocab = 20, kMask = 19;

DecodeOptions editing(int block, double threshold, double editing_threshold, int post_steps) {
  DecodeOptions options;
  options.block = block;
  options.grid = BlockGrid::absolute;
  options.attention = AttentionKind::block;
  options.commit = {find_card<CommitCard>("threshold"), {threshold, 1}};
  options.revise = {find_card<ReviseCard>("edit"),
                    {editing_threshold, static_cast<double>(post_steps)}};
  return options;
}

std::unique_ptr<Rule> rule_of(const DecodeOptions& options, const Canvas& canvas) {
  return make_rule(options, canvas);
}

TEST(EditRule, NeitherAsksForNorEditsThePrompt) {
  Canvas canvas(Ids{1, 2, 3}, {}, 5, kMask);
  const auto rule = rule_of(editing(4, 0.5, 0.5, 3), canvas);
  // Sure everywhere that another token belongs there.
  const auto steps = run_scripted(
      *rule, canvas,
      [](const Canvas&, int) {
        return Said{7, 0.9};
      },
      kVocab);
  ASSERT_FALSE(steps.empty());
  EXPECT_EQ(steps[0].wants.rows, Ids{3});
  EXPECT_EQ(steps[0].wants.block_range, (Range{0, 4}));
  EXPECT_EQ(steps.back().ids, (Ids{1, 2, 3, 7, 7, 7, 7, 7}));
}

TEST(EditRule, LeavesABlockAsSoonAsNothingIsReplaced) {
  Canvas canvas({}, {}, 4, kMask);
  const auto rule = rule_of(editing(2, 0.5, 0.5, 9), canvas);
  const auto steps = run_scripted(
      *rule, canvas,
      [](const Canvas&, int) {
        return Said{7, 0.9};
      },
      kVocab);
  // Each block: one step fills it, and one more finds nothing to replace.
  std::vector<int> blocks;
  for (const ScriptedStep& step : steps) blocks.push_back(step.wants.block);
  EXPECT_EQ(blocks, (std::vector<int>{0, 0, 1, 1}));
}

TEST(EditRule, LooksAtAFilledBlockAtMostPostStepsTimes) {
  for (const int post_steps : {0, 1, 5}) {
    Canvas canvas({}, {}, 4, kMask);
    const auto rule = rule_of(editing(2, 0.5, 0.5, post_steps), canvas);
    // Never content: the token after the one that is there.
    const auto restless = [](const Canvas& seen, int position) {
      return Said{seen.is_open(position) ? 0 : (seen.ids()[position] + 1) % 10, 0.9};
    };
    const auto steps = run_scripted(*rule, canvas, restless, kVocab);
    EXPECT_EQ(steps.size(), 2U * (1 + post_steps));
    EXPECT_EQ(steps.back().ids, Ids(4, post_steps));
  }
}

TEST(EditRule, ReplacesOnlyAboveTheEditingThresholdWhatWasSettledBefore) {
  Canvas canvas({}, {}, 2, kMask);
  const auto rule = rule_of(editing(2, 0.5, 0.8, 9), canvas);
  // The first position is settled in the first step, the second in the second step; then the
  // network would rather have 5 at both, but is sure enough of it at the second alone.
  int calls = 0;
  const auto network = [&](const Canvas&, int position) {
    const int step = calls++ / 2;
    if (step == 0) return Said{3, position == 0 ? 0.6 : 0.3};
    if (step == 1) return Said{4, position == 0 ? 0.7 : 0.6};
    return Said{5, position == 0 ? 0.75 : 0.85};
  };
  const auto steps = run_scripted(*rule, canvas, network, kVocab);
  ASSERT_EQ(steps.size(), 4U);
  EXPECT_EQ(steps[0].ids, (Ids{3, kMask}));
  EXPECT_EQ(steps[1].ids, (Ids{3, 4}));  // 4 at the first position: 0.7 is too little
  EXPECT_EQ(steps[2].ids, (Ids{3, 5}));
  EXPECT_EQ(steps[3].ids, (Ids{3, 5}));
}

TEST(EditRule, CommitsAtLeastAsManyAsAskedFor) {
  for (const int least : {1, 2, 3}) {
    DecodeOptions options = editing(4, 0.9, 1, 0);
    options.commit.values[1] = least;
    Canvas canvas({}, {}, 4, kMask);
    const auto rule = rule_of(options, canvas);
    const auto steps = run_scripted(
        *rule, canvas,
        [](const Canvas&, int position) {
          return Said{7, 0.5 + 0.1 * position};
        },
        kVocab);
    EXPECT_EQ(steps[0].edit.writes.size(), static_cast<std::size_t>(least));
    EXPECT_EQ(steps[0].edit.writes.back().position, 3);
  }
}

TEST(EditRule, CallsABlockFinalOnlyWhenItHasLeftIt) {
  Canvas canvas({}, {}, 4, kMask);
  const auto rule = rule_of(editing(2, 0.5, 0.5, 9), canvas);
  SeededNoise noise(1);
  std::vector<int> finals;
  while (const std::optional<Wants> wants = rule->next(canvas)) {
    const auto same = [](const Canvas&, int) { return Said{7, 0.9}; };
    canvas.apply(rule->step(canvas, testing::said_of(same, canvas, wants->rows, kVocab), noise));
    finals.push_back(rule->final_before(canvas));
  }
  EXPECT_EQ(finals, (std::vector<int>{0, 2, 2, 4}));
}

TEST(EditRule, StopsAfterABlockWithAnEndTokenThatStayed) {
  DecodeOptions options = editing(2, 0.5, 0.5, 9);
  options.stop_after_block = true;
  options.end_ids = {8};
  Canvas canvas({}, {}, 6, kMask);
  const auto rule = make_rule(options, canvas);
  // The first block has an end token only until it is edited; the second one keeps it.
  const auto network = [](const Canvas& seen, int position) {
    return Said{position == 0 && seen.is_open(position) ? 8 : position == 2 ? 8 : 7, 0.9};
  };
  const auto steps = run_scripted(*rule, canvas, network, kVocab);
  EXPECT_EQ(steps.back().ids, (Ids{7, 7, 8, 7, kMask, kMask}));
  EXPECT_FALSE(rule->next(canvas).has_value());
}

}  // namespace
}  // namespace unmask
