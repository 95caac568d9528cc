// What a plan makes of the families that config.json alone does not describe.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json.h"
#include "base/testing.h"
#include "cli/process.h"
#include "rules/cards.h"
#include "session/plan.h"
#include "session/planned.h"

namespace unmask {
namespace {

using Words = std::vector<std::string>;

Plan plan_of(const char* fixture, const Words& more) {
  Words arguments{"-m", testing::fixture(fixture) / "model", "--no-stdin"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return testing::planned(arguments);
}

TEST(FamilyPlan, TakesTheMaskAndTheEndFromTheTokenizer) {
  EXPECT_EQ(plan_of("a2d_qwen3", {"Hi"}).setup->facts.mask_id, 299);
  EXPECT_EQ(plan_of("llada2", {"-n", "8", "Hi"}).setup->facts.mask_id, 304);
  EXPECT_EQ(plan_of("fast_dllm_v2", {"Hi"}).setup->facts.mask_id, 319);
  EXPECT_EQ(plan_of("mdlm", {"-n", "8", "Hi"}).options.end_ids, (std::vector<int>{288}));
  const Plan ids = plan_of("a2d_qwen3", {"--ids", "1 299 2", "-n", "0"});
  EXPECT_EQ(holes_of(ids.canvas), (std::vector<Range>{{1, 2}}));
}

TEST(FamilyPlan, TakesWhatIsTypedBeforeTheTokenizer) {
  const Plan plan = plan_of("a2d_qwen3", {"--ids", "1 5 2", "--mask-id", "5", "--end-ids", "7"});
  EXPECT_EQ(plan.setup->facts.mask_id, 5);
  EXPECT_EQ(holes_of(plan.canvas), (std::vector<Range>{{1, 2}}));
  EXPECT_EQ(plan.options.end_ids, (std::vector<int>{7}));
}

TEST(FamilyPlan, TellsTheEngineTheFamilyThatAPresetImplies) {
  const Plan plan = plan_of("open_dcoder", {"--preset", "p2", "--ids", "1 2"});
  EXPECT_EQ(plan.setup->facts.family, "open-dcoder");
  EXPECT_EQ(plan.setup->engine.family, "open-dcoder");
  EXPECT_EQ(plan.options.revise.name(), "p2");
  EXPECT_TRUE(plan.setup->facts.logit_shift);
  EXPECT_TRUE(testing::fails_with(ErrorCode::checkpoint, {"'qwen2'", "--family open-dcoder"}, [] {
    plan_of("open_dcoder", {"--ids", "1 2"});
  }));
}

TEST(FamilyPlan, AsksForAnswersWithoutThoughtsWhereTheTemplateKnowsThem) {
  const auto text = [](const char* fixture) {
    const Plan plan = plan_of(fixture, {"Hi"});
    return plan.setup->tokenizer->decode(ids_of(plan.canvas, 0), false);
  };
  const std::string turn = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n";
  EXPECT_EQ(text("a2d_qwen3"), turn + "<think>\n\n</think>\n\n");
  EXPECT_EQ(text("sdar"), turn + "<think>\n\n</think>\n\n");
  EXPECT_TRUE(text("dream").ends_with(turn));
}

TEST(FamilyPlan, TokenizesAsItGenerates) {
  const Plan plan = plan_of("a2d_qwen3", {"Hi"});
  std::string ids;
  for (const int id : ids_of(plan.canvas, 0)) ids += (ids.empty() ? "" : " ") + std::to_string(id);
  const auto finished = testing::unmask(
      {"tokenize", "-m", testing::fixture("a2d_qwen3") / "model", "--chat-format", "Hi"});
  EXPECT_EQ(finished.out, ids + "\n");
}

TEST(FamilyPlan, LetsBd3lmWriteBeyondItsLength) {
  EXPECT_EQ(plan_of("bd3lm", {"-n", "100", "Hi"}).options.length, 100);
  EXPECT_TRUE(testing::fails_with(ErrorCode::resource, {"64"}, [] {
    plan_of("mdlm", {"-n", "100", "Hi"});
  }));
}

}  // namespace
}  // namespace unmask
