// What a sequence asks of the network.
#include "decode/sequence.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "support/fixture.h"
#include "unmask/error.h"

namespace unmask {
namespace {

using testing::Fixture;

class SequenceTest : public ::testing::Test {
 protected:
  static GenerationRequest request_for(const std::vector<int>& ids, int length, int block) {
    GenerationRequest request;
    request.canvas = {Segment::given(ids)};
    request.options.length = length;
    request.options.block = block;
    return request;
  }

  /// A request in blocks with block-causal attention.
  static GenerationRequest blocks_after(const std::vector<int>& ids, int length, BlockGrid grid) {
    GenerationRequest request = request_for(ids, length, 4);
    request.options.grid = grid;
    request.options.attention = AttentionKind::block;
    request.options.steps_per = StepsPer::block;
    request.options.steps = 1;
    return request;
  }

  static Sequence sequence(const GenerationRequest& request, const Model& model) {
    return {0, request, model, std::make_unique<SeededNoise>(1)};
  }

  /// Carries out one step; false when there is none left.
  static bool answer(Sequence& sequence, const Model& model) {
    const std::vector<Request> requests = sequence.next_requests(nullptr);
    if (requests.empty()) return false;
    sequence.advance(model.predict(requests), nullptr);
    return true;
  }

 private:
  c10::InferenceMode inference_;
};

TEST_F(SequenceTest, SeesNoFurtherThanTheBlockUnderBlockAttention) {
  const Model model = Fixture("sdar").load();
  Sequence whole = sequence(request_for({1, 2, 3}, 9, 4), model);
  EXPECT_EQ(whole.next_requests(nullptr).front().ids.size(), 12U);
  EXPECT_EQ(whole.next_requests(nullptr).front().cache, nullptr);

  Sequence blocks = sequence(blocks_after({1, 2, 3}, 7, BlockGrid::absolute), model);
  Request request = blocks.next_requests(nullptr).front();
  EXPECT_EQ(request.ids.size(), 4U);
  EXPECT_EQ(request.attention.block, 4);
  EXPECT_EQ(request.attention.offset, 0);
  EXPECT_NE(request.cache, nullptr);
  EXPECT_EQ(request.compute, indices({0, 4}));
  EXPECT_TRUE(answer(blocks, model));
  request = blocks.next_requests(nullptr).front();
  EXPECT_EQ(request.ids.size(), 8U);
  EXPECT_EQ(blocks.result().canvas.size(), 12U);
}

TEST_F(SequenceTest, BlocksOfThePromptsGridEndWhereThePromptDoes) {
  const Model model = Fixture("sdar").load();
  Sequence blocks = sequence(blocks_after({1, 2, 3, 4, 5}, 6, BlockGrid::prompt), model);
  const Request request = blocks.next_requests(nullptr).front();
  EXPECT_EQ(request.attention.offset, 3);
  EXPECT_EQ(request.ids.size(), 9U);
  EXPECT_EQ(blocks.result().canvas.size(), 11U);
}

TEST_F(SequenceTest, ComputesTheTokenAgainWhoseOutputPredictsTheFirstRow) {
  const Fixture fixture("sdar");
  ModelFacts facts = fixture.facts();
  facts.logit_shift = true;
  const Model model(fixture.checkpoint(), facts, ComputeType::f32);
  GenerationRequest request = blocks_after({1, 2, 3, 4}, 4, BlockGrid::absolute);
  request.options.steps = 4;
  request.options.order = Order::left;
  Sequence first = sequence(request, model);
  EXPECT_TRUE(answer(first, model));  // position 4 is settled
  EXPECT_EQ(first.next_requests(nullptr).front().compute, indices({4, 8}));

  Sequence still_open = sequence(request, model);
  EXPECT_EQ(still_open.next_requests(nullptr).front().compute, indices({0, 8}));
  // Another pass for position 4 needs the output at 3, though its keys and values are there.
  EXPECT_EQ(still_open.next_requests(nullptr).front().compute, indices({3, 8}));
}

TEST_F(SequenceTest, ComputesTheTokensWhoseOutputsPredictOpenOnesBetweenCachedOnes) {
  const Model model = Fixture("dream").load();
  GenerationRequest request = request_for({1, 2, 3, 4, 5, 6}, 0, 0);
  request.canvas = {Segment::given({1, 2}), Segment::open(1), Segment::given({4, 5}),
                    Segment::open(1)};
  request.options.steps = 2;
  set_option(request.options, "cache", "delayed");
  Sequence delayed = sequence(request, model);
  EXPECT_EQ(delayed.next_requests(nullptr).front().compute, indices({0, 6}));
  // The same is wanted again; only what it needs is computed.
  EXPECT_EQ(delayed.next_requests(nullptr).front().compute, (std::vector<int>{1, 2, 4, 5}));
}

TEST_F(SequenceTest, EarlyStopEndsWhenTheLengthIsReachedThoughABlockGoesOn) {
  const Model model = Fixture("sdar").load();
  GenerationRequest request = blocks_after({1, 2, 3, 4}, 2, BlockGrid::absolute);
  request.options.steps = 4;
  request.options.order = Order::left;
  for (const bool early_stop : {true, false}) {
    request.options.early_stop = early_stop;
    Sequence blocks = sequence(request, model);
    while (answer(blocks, model)) {
    }
    EXPECT_EQ(blocks.result().forwards, early_stop ? 2 : 4);
    EXPECT_EQ(blocks.result().canvas.size(), 8U);
  }
}

TEST_F(SequenceTest, ABudgetThatJustSufficesIsNoEarlyEnd) {
  const Model model = Fixture("llada").load();
  GenerationRequest request = request_for({1, 2, 3}, 2, 0);
  request.options.steps = 5;  // the last three have nothing to do
  request.options.early_stop = false;
  for (const auto& [budget, finish] : {std::pair{1, Finish::budget}, {2, Finish::length}}) {
    request.max_forwards = budget;
    Sequence limited = sequence(request, model);
    while (answer(limited, model)) {
    }
    EXPECT_EQ(limited.result().forwards, budget);
    EXPECT_EQ(limited.result().finish, finish);
  }
}

TEST_F(SequenceTest, SaysTheStepsTakenNotHowManyThereMayBe) {
  const Model model = Fixture("llada").load();
  GenerationRequest request = request_for({1, 2, 3}, 8, 0);
  request.options.steps = 8;
  request.options.order = Order::left;
  Sequence all = sequence(request, model);
  while (answer(all, model)) {
  }
  EXPECT_EQ(all.result().steps, 8);

  request.options.end_ids = {all.result().canvas[4]};  // the second token, if not the first
  Sequence ended = sequence(request, model);
  while (answer(ended, model)) {
  }
  EXPECT_EQ(ended.result().finish, Finish::end);
  EXPECT_LE(ended.result().steps, 2);
  EXPECT_EQ(ended.result().steps, ended.result().forwards);

  request.options.end_ids = {};
  request.max_forwards = 3;  // the third fills what is open
  Sequence limited = sequence(request, model);
  while (answer(limited, model)) {
  }
  EXPECT_EQ(limited.result().steps, 3);
}

TEST_F(SequenceTest, GuidanceHidesWhatWasGivenButForWhatItKeeps) {
  const Model model = Fixture("llada").load();
  GenerationRequest request = request_for({5, 6, 7}, 2, 0);
  request.options.guidance = 1;
  request.options.guidance_keep = {6};
  Sequence guided = sequence(request, model);
  const std::vector<Request> requests = guided.next_requests(nullptr);
  ASSERT_EQ(requests.size(), 2U);
  const int mask = model.facts().mask_id;
  EXPECT_EQ(std::vector<int>(requests[0].ids.begin(), requests[0].ids.end()),
            (std::vector<int>{5, 6, 7, mask, mask}));
  EXPECT_EQ(std::vector<int>(requests[1].ids.begin(), requests[1].ids.end()),
            (std::vector<int>{mask, 6, mask, mask, mask}));
}

TEST_F(SequenceTest, SaysWhereTheHolesOfTheRequestAre) {
  const Model model = Fixture("llada").load();
  GenerationRequest request = request_for({}, 2, 0);
  request.canvas = {Segment::given({5}), Segment::open(2), Segment::draft({6, 7}),
                    Segment::open(1)};
  Sequence asked = sequence(request, model);
  while (answer(asked, model)) {
  }
  const Generation result = asked.result();
  EXPECT_EQ(result.holes, (std::vector<Range>{{1, 3}, {5, 6}}));
  ASSERT_EQ(result.canvas.size(), 8U);
  EXPECT_EQ(result.canvas[0], 5);
  EXPECT_EQ(result.canvas[3], 6) << "no rule here revises a draft";
}

TEST_F(SequenceTest, GuidanceHasACacheOfItsOwn) {
  const Model model = Fixture("a2d_qwen3").load();
  GenerationRequest request = blocks_after({1, 2, 3, 4}, 4, BlockGrid::prompt);
  request.mask_id = 299;  // only the tokenizer knows it
  request.options.guidance = 1;
  Sequence guided = sequence(request, model);
  const std::vector<Request> requests = guided.next_requests(nullptr);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_NE(requests[0].cache, requests[1].cache);
  EXPECT_EQ(requests[0].compute, requests[1].compute);
}

TEST_F(SequenceTest, RefusesOptionsThatContradictEachOther) {
  const Model model = Fixture("llada").load();
  GenerationRequest request = request_for({5, 6, 7}, 2, 0);
  set_option(request.options, "cache", "block");
  EXPECT_THROW(sequence(request, model), Error);
}

}  // namespace
}  // namespace unmask
