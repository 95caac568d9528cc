#include "session/answer.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "cli/process.h"
#include "session/result.h"
#include "text/files_in.h"

namespace unmask {
namespace {

Plan plan_for_answer(int prompt, int length, std::vector<int> end_ids) {
  auto setup = std::make_shared<unmask::Setup>();
  setup->checkpoint = Checkpoint::open(testing::model_folder("llada"));
  Plan plan;
  plan.setup = setup;
  plan.canvas = {Segment::given(std::vector<int>(static_cast<std::size_t>(prompt), 1))};
  plan.options.length = length;
  plan.options.end_ids = std::move(end_ids);
  return plan;
}

Generation wrote(std::vector<int> canvas) { return {.canvas = std::move(canvas), .holes = {}}; }

TEST(Answer, EndsBeforeTheFirstOfTheEndTokens) {
  const Plan plan = plan_for_answer(1, 4, {8, 9});
  EXPECT_EQ(read_answer(plan, wrote({9, 5, 6, 9, 8})).ids, (std::vector{5, 6}));
  EXPECT_EQ(read_answer(plan, wrote({1, 5, 6, 7, 7})).ids, (std::vector{5, 6, 7, 7}));
  EXPECT_TRUE(read_answer(plan, wrote({1, 8, 6, 7, 7})).ids.empty());
}

TEST(Answer, IsNoLongerThanWhatWasAskedForThoughTheCanvasIs) {
  const Plan plan = plan_for_answer(1, 2, {9});
  EXPECT_EQ(read_answer(plan, wrote({1, 5, 6, 7, 8})).ids, (std::vector{5, 6}));
  EXPECT_EQ(read_answer(plan, wrote({1, 5, 6, 9, 8})).ids, (std::vector{5, 6}));
}

TEST(Answer, IsIdsWhereThereIsNoTokenizer) {
  const Plan plan = plan_for_answer(1, 2, {});
  const Answer answer = read_answer(plan, wrote({1, 5, 6}));
  EXPECT_EQ(answer_line(plan, answer), "5 6\n");
  EXPECT_TRUE(result_json(plan, answer, {})["text"].is_null());
}

TEST(Answer, LosesTheLineBreaksAtItsEnd) {
  auto setup = std::make_shared<unmask::Setup>();
  setup->tokenizer = load_tokenizer(testing::files_in(testing::model_folder("llada")));
  Plan plan = plan_for_answer(0, 0, {});
  plan.setup = setup;
  Answer answer;
  answer.text = "text \n\n";
  EXPECT_EQ(answer_line(plan, answer), "text \n");
  answer.text = "\n";
  EXPECT_EQ(answer_line(plan, answer), "\n");
}

TEST(Answer, OfAnInfillingIsWhatStandsInTheHoles) {
  Plan plan = plan_for_answer(0, 0, {9});
  plan.canvas = {Segment::given({1}), Segment::open(2), Segment::given({2}), Segment::open(1)};
  const Answer answer = read_answer(plan, {.canvas = {1, 5, 6, 2, 9}, .holes = {{1, 3}, {4, 5}}});
  EXPECT_EQ(answer.ids, (std::vector{5, 6, 9}));
  EXPECT_EQ(answer.holes, (std::vector<Range>{{1, 3}, {4, 5}}));
  EXPECT_EQ(answer.canvas.size(), 5U);
}

TEST(Answers, AddUpTheirDrafts) {
  const Plan plan = plan_for_answer(1, 2, {9});
  Answers answers;
  answers.drafts = {
      read_answer(plan, {.canvas = {1, 5, 6}, .holes = {}, .steps = 2, .forwards = 3}, 7),
      read_answer(plan, {.canvas = {1, 5, 9}, .holes = {}, .steps = 1, .forwards = 1}, 8)};
  EXPECT_EQ(answers.tokens(), 3U);
  EXPECT_EQ(answers.steps(), 3);
  EXPECT_EQ(answers.forwards(), 4);
  EXPECT_EQ(answers.drafts[1].seed, 8U);
}

}  // namespace
}  // namespace unmask
