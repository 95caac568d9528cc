#include <gtest/gtest.h>

#include <algorithm>

#include "rules/rule.h"
#include "rules/scripted_network.h"
#include "unmask/error.h"

namespace unmask {
namespace {

using testing::ScriptedDistributions;

constexpr int kVocab = 12, kMask = 11;

/// Logits that prefer token `position % 10`, surer the further left.
ScriptedDistributions sure_of(const std::vector<int>& rows) {
  ScriptedDistributions::Rows logits;
  for (const int position : rows) {
    const auto before = static_cast<float>(logits.size());
    logits.emplace_back(kVocab, 0.0F);
    logits.back()[position % 10] = 10.0F - 0.1F * before;
  }
  return {rows, logits, kMask};
}

/// A run of a rule on these; counts per step.
struct Progress {
  std::vector<int> steps, blocks, committed;
  std::vector<Range> ranges;
  std::vector<int> first_rows;
  std::vector<int> ids;
  int total = 0;  // steps, as the rule says in the end
};

Progress run_rule(const DecodeOptions& options, int prompt, const std::vector<int>& open = {}) {
  Canvas canvas(std::vector<int>(prompt, 1), open, canvas_size(options, prompt) - prompt, kMask);
  const auto rule = make_rule(options, canvas);
  SeededNoise noise(5);
  Progress run;
  while (const auto wants = rule->next(canvas)) {
    const Edit edit = rule->step(canvas, sure_of(wants->rows), noise);
    canvas.apply(edit);
    run.steps.push_back(wants->step);
    run.blocks.push_back(wants->block);
    run.ranges.push_back(wants->block_range);
    run.first_rows.push_back(wants->rows.front());
    EXPECT_EQ(wants->focus, wants->block_range);
    EXPECT_LT(wants->rows.back(), wants->block_range.end);
    run.committed.push_back(static_cast<int>(edit.writes.size()));
    EXPECT_LT(wants->step, rule->bound());
  }
  run.ids.assign(canvas.ids().begin(), canvas.ids().end());
  run.total = rule->bound();
  return run;
}

TEST(BlockRule, FinishesBlocksFromLeftToRight) {
  DecodeOptions options;
  options.length = 8;
  options.block = 4;
  options.steps = 4;
  const Progress run = run_rule(options, 2);
  EXPECT_EQ(run.blocks, (std::vector<int>{0, 0, 1, 1}));
  EXPECT_EQ(run.committed, (std::vector<int>{2, 2, 2, 2}));
  EXPECT_EQ(run.ids, (std::vector<int>{1, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(BlockRule, LastBlockMayBeShorterAndStepsNeedNotDivide) {
  DecodeOptions options;
  options.length = 7;
  options.block = 3;
  options.steps = 5;  // 2, 2, 1
  const Progress run = run_rule(options, 1);
  EXPECT_EQ(run.committed, (std::vector<int>{2, 1, 2, 1, 1}));
  EXPECT_EQ(run.blocks, (std::vector<int>{0, 0, 1, 1, 2}));
}

TEST(BlockRule, WhatAFirstTokenSettledAloneLeavesIsSpreadOverTheOtherSteps) {
  DecodeOptions options;
  options.length = 13;
  options.block = 5;
  options.first_alone = true;
  options.steps = 9;
  const std::vector<int> written = run_rule(options, 1).ids;
  EXPECT_EQ(std::ranges::count(written, kMask), 0);
  EXPECT_EQ(run_rule(options, 1).committed, (std::vector<int>{1, 2, 2, 1, 2, 2, 1, 1, 1}));
  options.steps = 3;  // a block of more than one token cannot take fewer than two
  EXPECT_EQ(run_rule(options, 1).committed, (std::vector<int>{1, 4, 1, 4, 1, 2}));
  options.length = 11;
  EXPECT_EQ(run_rule(options, 1).committed, (std::vector<int>{1, 4, 1, 4, 1}));
  options.steps = 0;
  set_option(options, "commit", "threshold:2,3");  // the bound is never reached
  EXPECT_EQ(run_rule(options, 1).committed, (std::vector<int>{1, 3, 1, 1, 3, 1, 1}));
}

TEST(BlockRule, PassesOverStepsThatCommitNothing) {
  DecodeOptions options;
  options.length = 2;
  options.steps = 5;
  Progress run = run_rule(options, 1);
  EXPECT_EQ(run.steps, (std::vector<int>{0, 1}));
  set_option(options, "schedule", "dream");
  options.length = 3;  // shares 1/5, 1/4, 1/3, 1/2 and all, of 3 and then 2
  run = run_rule(options, 1);
  EXPECT_EQ(run.steps, (std::vector<int>{3, 4}));
  EXPECT_EQ(run.committed, (std::vector<int>{1, 2}));
}

TEST(BlockRule, WithoutStepsCommitsOneTokenPerStep) {
  DecodeOptions options;
  options.length = 5;
  EXPECT_EQ(run_rule(options, 1).committed, (std::vector<int>{1, 1, 1, 1, 1}));
}

TEST(BlockRule, FillsOpenPositionsOfThePromptWhereNothingIsAdded) {
  for (const char* schedule : {"even", "dream"}) {
    for (const int block : {0, 3}) {
      DecodeOptions options;
      options.length = 0;
      options.block = block;
      set_option(options, "schedule", schedule);
      options.steps = 2;
      EXPECT_EQ(run_rule(options, 9, {1, 8}).ids, (std::vector<int>{1, 1, 1, 1, 1, 1, 1, 1, 8}));
    }
  }
}

TEST(BlockRule, OrderLeftGoesFromLeftToRight) {
  DecodeOptions options;
  options.length = 3;
  options.order = Order::left;
  Canvas canvas(std::vector<int>{1}, {}, 3, kMask);
  const auto rule = make_rule(options, canvas);
  SeededNoise noise(5);
  const auto rightmost = [](const Canvas&, int position) {
    return testing::Said{4, position == 3 ? 0.9 : 0.2};
  };
  (void)rule->next(canvas);
  const Edit edit =
      rule->step(canvas, testing::said_of(rightmost, canvas, {1, 2, 3}, kVocab), noise);
  ASSERT_EQ(edit.writes.size(), 1U);
  EXPECT_EQ(edit.writes[0].position, 1);
}

TEST(BlockRule, OrderTemperatureChangesTheOrderButNotTheCount) {
  DecodeOptions options;
  options.length = 40;
  options.steps = 4;
  options.order_temperature = 100;
  const Progress run = run_rule(options, 1);
  EXPECT_EQ(run.committed, (std::vector<int>{10, 10, 10, 10}));
  options.order_temperature = 1e-300;
  EXPECT_EQ(run_rule(options, 1).committed, run.committed);
}

TEST(BlockRule, RefusesFewerStepsThanBlocks) {
  DecodeOptions options;
  options.length = 8;
  options.block = 2;
  options.steps = 3;
  try {
    run_rule(options, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_STREQ(error.what(), "3 steps are fewer than the 4 blocks of the canvas");
  }
}

/// Blocks of 4 from position 0, two steps each, as LLaDA2 and SDAR have them.
DecodeOptions absolute_blocks(int length) {
  DecodeOptions options;
  options.length = length;
  options.block = 4;
  options.grid = BlockGrid::absolute;
  options.attention = AttentionKind::block;
  options.steps = 2;
  options.steps_per = StepsPer::block;
  set_option(options, "schedule", "block");
  return options;
}

TEST(BlockRule, AnAbsoluteGridBeginsWithinThePromptAndFillsTheLastBlock) {
  const Progress run = run_rule(absolute_blocks(6), 3);
  EXPECT_EQ(run.ranges, (std::vector<Range>{{0, 4}, {4, 8}, {4, 8}, {8, 12}, {8, 12}}));
  EXPECT_EQ(run.committed, (std::vector<int>{1, 2, 2, 2, 2}));
  EXPECT_EQ(run.steps, (std::vector<int>{0, 1, 2, 3, 4}));  // the first block is done after one
  EXPECT_EQ(run.total, 5);
  EXPECT_EQ(run.ids, (std::vector<int>{1, 1, 1, 3, 4, 5, 6, 7, 8, 9, 0, 1}));
}

TEST(BlockRule, UnderBlockAttentionOnlyTheBlockIsAskedFor) {
  DecodeOptions options = absolute_blocks(8);
  options.grid = BlockGrid::prompt;
  // Blocks end where the prompt does; the hole in it belongs to one of them.
  const Progress run = run_rule(options, 6, {1});
  EXPECT_EQ(run.ranges, (std::vector<Range>{{0, 2}, {6, 10}, {6, 10}, {10, 14}, {10, 14}}));
  EXPECT_EQ(run.first_rows, (std::vector<int>{1, 6, 8, 10, 12}));
}

TEST(BlockRule, StopsAfterABlockThatHasAnEndToken) {
  DecodeOptions options = absolute_blocks(9);
  options.stop_after_block = true;
  options.end_ids = {5, 1};  // 1 is in the prompt, too
  const Progress run = run_rule(options, 3);
  EXPECT_EQ(run.ids, (std::vector<int>{1, 1, 1, 3, 4, 5, 6, 7, kMask, kMask, kMask, kMask}));
  EXPECT_EQ(run.total, 3);
}

TEST(BlockRule, AThresholdGoesOnUntilTheBlockIsDoneWhateverTheSteps) {
  DecodeOptions options;
  options.length = 6;
  options.block = 4;
  options.steps = 2;
  set_option(options, "commit", "threshold:2");  // nothing is that sure
  EXPECT_EQ(run_rule(options, 1).committed, (std::vector<int>{1, 1, 1, 1, 1, 1}));
  set_option(options, "commit", "threshold:2,3");
  Progress run = run_rule(options, 1);
  EXPECT_EQ(run.committed, (std::vector<int>{3, 1, 2}));
  set_option(options, "commit", "threshold:0.5,3");  // everything is
  run = run_rule(options, 1);
  EXPECT_EQ(run.committed, (std::vector<int>{4, 2}));
  EXPECT_EQ(run.total, 2);
}

TEST(BlockRule, AThresholdFillsTheHolesOfThePromptToo) {
  DecodeOptions options;
  options.length = 4;
  options.block = 2;
  for (const char* commit : {"threshold:2", "factor:2", "klass:2,0"}) {
    set_option(options, "commit", commit);
    const Progress run = run_rule(options, 6, {1, 2, 4});
    EXPECT_EQ(run.ids, (std::vector<int>{1, 1, 2, 1, 4, 1, 6, 7, 8, 9})) << commit;
  }
}

TEST(BlockRule, DllmGivesEveryBlockTheSameStepsRoundedUp) {
  DecodeOptions options;
  options.length = 20;
  options.block = 8;
  options.steps = 13;
  set_option(options, "schedule", "dllm:linear");
  EXPECT_EQ(run_rule(options, 2).total, 15);
  // Blocks in which nothing is open count, though they take no step.
  options.length = 0;
  options.block = 2;
  options.steps = 8;
  const Progress run = run_rule(options, 8, {0, 1, 6, 7});
  EXPECT_EQ(run.committed, (std::vector<int>{1, 1, 1, 1}));
}

}  // namespace
}  // namespace unmask
