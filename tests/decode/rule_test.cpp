#include "decode/rule.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "unmask/error.h"

namespace unmask {
namespace {

constexpr int kVocab = 12, kMask = 11;

/// Runs a rule on logits that prefer token `position % 10`, surer the further left; counts per
/// step.
struct Progress {
  std::vector<int> steps, blocks, committed;
  std::vector<int> ids;
};

Progress run_rule(const DecodeOptions& options, int prompt, const std::vector<int>& open = {}) {
  Canvas canvas(std::vector<int>(prompt, 1), open, options.length, kMask);
  const auto rule = make_rule(options, {kVocab, kMask, options.end_ids}, canvas);
  SeededNoise noise(5);
  Progress run;
  while (const auto wants = rule->wants(canvas)) {
    at::Tensor logits = at::zeros({static_cast<std::int64_t>(wants->rows.size()), kVocab});
    for (std::size_t i = 0; i < wants->rows.size(); ++i) {
      logits[static_cast<std::int64_t>(i)][wants->rows[i] % 10] =
          10.0F - 0.1F * static_cast<float>(i);
    }
    const Edit edit = rule->step(canvas, logits, noise);
    canvas.apply(edit);
    run.steps.push_back(wants->step);
    run.blocks.push_back(wants->block);
    run.committed.push_back(static_cast<int>(edit.writes.size()));
    EXPECT_LT(wants->step, rule->steps());
  }
  run.ids.assign(canvas.ids().begin(), canvas.ids().end());
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

TEST(BlockRule, PassesOverStepsThatCommitNothing) {
  DecodeOptions options;
  options.length = 2;
  options.steps = 5;
  Progress run = run_rule(options, 1);
  EXPECT_EQ(run.steps, (std::vector<int>{0, 1}));
  options.schedule = ScheduleKind::dream;
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
  for (const ScheduleKind schedule : {ScheduleKind::even, ScheduleKind::dream}) {
    for (const int block : {0, 3}) {
      DecodeOptions options;
      options.length = 0;
      options.block = block;
      options.schedule = schedule;
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
  const auto rule = make_rule(options, {kVocab, kMask, {}}, canvas);
  SeededNoise noise(5);
  at::Tensor logits = at::zeros({3, kVocab});
  logits[2][4] = 9.0F;  // the rightmost is surest
  (void)rule->wants(canvas);
  const Edit edit = rule->step(canvas, logits, noise);
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

}  // namespace
}  // namespace unmask
