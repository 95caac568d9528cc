// What goes into a pass, and who is told what.
#include "decode/loop.h"

#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "base/interrupt.h"
#include "decode/fake_model.h"
#include "decode/recording_queue.h"

namespace unmask {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using testing::fake_model;
using ::testing::HasSubstr;
using testing::kFakeVocab;
using testing::kPoison;
using ::testing::Le;
using testing::PassRecord;
using testing::RecordingQueue;

class LoopTest : public ::testing::Test {
 protected:
  /// A request of that many positions to fill, one in each step.
  static GenerationRequest request(int first, int length) {
    GenerationRequest request;
    request.canvas = {Segment::given({first, 2, 3})};
    request.options.length = length;
    return request;
  }

  static std::vector<GenerationRequest> some() {
    return {request(4, 5), request(9, 1), request(11, 7), request(2, 3), request(6, 2)};
  }

  /// What a request gets when it is alone on a machine with all the memory it wants.
  static std::vector<int> alone(const GenerationRequest& request) {
    RecordingQueue queue({request});
    decode(fake_model(std::make_shared<PassRecord>()), queue, {.requests = 1}, nullptr);
    return queue.results.at(0).canvas;
  }

  static void expect_unaffected(const RecordingQueue& queue) {
    for (const auto& [number, result] : queue.results) {
      EXPECT_EQ(result.canvas, alone(queue.requests[number])) << "request " << number;
    }
    EXPECT_EQ(queue.results.size() + queue.errors.size(), queue.requests.size());
    EXPECT_EQ(queue.ended.size(), queue.requests.size());
  }

  std::shared_ptr<PassRecord> passes_ = std::make_shared<PassRecord>();
  const Model model_ = fake_model(passes_);

 private:
  c10::InferenceMode inference_;
};

TEST_F(LoopTest, PlacesThatBecomeFreeAreTakenAtTheNextStep) {
  RecordingQueue queue({request(4, 2), request(9, 6), request(11, 2), request(2, 2)});
  decode(model_, queue, {.requests = 2}, nullptr);
  EXPECT_THAT(passes_->sequences, ElementsAre(2, 2, 2, 2, 2, 2));
  EXPECT_THAT(queue.ended, ElementsAre(0, 2, 1, 3));
  expect_unaffected(queue);
}

TEST_F(LoopTest, NoPassHasMoreRequestsThanTheLimit) {
  for (const int limit : {1, 2, 3, 5, 100}) {
    *passes_ = {};
    RecordingQueue queue(some());
    decode(model_, queue, {.requests = limit}, nullptr);
    EXPECT_EQ(std::ranges::max(passes_->sequences), std::min(limit, 5));
    expect_unaffected(queue);
  }
}

TEST_F(LoopTest, NoPassHasMoreTokensThanTheLimitButThatOfOneTooLarge) {
  RecordingQueue queue(
      {request(4, 5), request(9, 5), request(11, 30), request(2, 3), request(6, 3), request(7, 3)});
  decode(model_, queue, {.requests = 8, .tokens = 18}, nullptr);
  int together = 0;
  for (std::size_t i = 0; i < passes_->tokens.size(); ++i) {
    if (passes_->sequences[i] == 1) continue;
    EXPECT_LE(passes_->tokens[i], 18);
    together = std::max(together, passes_->sequences[i]);
  }
  EXPECT_EQ(together, 3);  // of 6 tokens each
  EXPECT_EQ(std::ranges::max(passes_->tokens), 33);
  expect_unaffected(queue);
}

TEST_F(LoopTest, TokensAreCountedAsOftenAsTheyAreComputed) {
  GenerationRequest plain = request(4, 9);
  GenerationRequest guided = plain, drafted = plain, shadowed = plain;
  guided.options.guidance = 1;
  set_option(drafted.options, "commit", "verify:3");
  set_option(shadowed.options, "revise", "wino:0.6,0.9");
  for (const auto& [request, most] :
       {std::pair(plain, 12), {guided, 24}, {drafted, 36}, {shadowed, 21}}) {
    *passes_ = {};
    RecordingQueue queue({request});
    decode(model_, queue, {}, nullptr);
    EXPECT_EQ(tokens_of_pass(request), most);
    EXPECT_LE(std::ranges::max(passes_->tokens), most);
    EXPECT_TRUE(queue.errors.empty());
  }
}

TEST_F(LoopTest, AQueueThatHasNothingForNowIsAskedBeforeTheNextStep) {
  class Late : public RecordingQueue {
   public:
    using RecordingQueue::RecordingQueue;
    std::optional<GenerationRequest> next() override {
      const bool for_now = taken == 1 && asked < 4;
      return for_now ? (++asked, std::nullopt) : RecordingQueue::next();
    }
  };
  Late queue({request(4, 8), request(9, 2)});
  decode(model_, queue, {.requests = 2}, nullptr);
  EXPECT_THAT(passes_->sequences, ElementsAre(1, 1, 1, 2, 2, 1, 1, 1));
  EXPECT_THAT(queue.ended, ElementsAre(1, 0));
}

TEST_F(LoopTest, WithNothingUnderWayAnEmptyQueueEndsTheRun) {
  RecordingQueue queue({});
  decode(model_, queue, {}, nullptr);
  EXPECT_EQ(queue.asked, 1);
  EXPECT_TRUE(passes_->sequences.empty());
}

TEST_F(LoopTest, RequestsThatNeedNoPassAreFinishedAtOnce) {
  RecordingQueue queue({request(4, 0), request(9, 0), request(11, 2)});
  decode(model_, queue, {.requests = 1}, nullptr);
  EXPECT_THAT(queue.ended, ElementsAre(0, 1, 2));
  EXPECT_EQ(queue.results.at(0).canvas, (std::vector<int>{4, 2, 3}));
  EXPECT_THAT(passes_->sequences, ElementsAre(1, 1));
}

TEST_F(LoopTest, NonFiniteLogitsFailTheirRequestAlone) {
  for (const int limit : {1, 2, 5}) {
    auto requests = some();
    requests[2] = request(kPoison, 7);
    RecordingQueue queue(requests);
    decode(model_, queue, {.requests = limit}, nullptr);
    ASSERT_EQ(queue.errors.size(), 1U);
    const Error& error = queue.errors.at(2);
    EXPECT_EQ(error.code(), ErrorCode::failure);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("step 5"), HasSubstr("position")));
    expect_unaffected(queue);
  }
}

TEST_F(LoopTest, WhatARequestMustNotSayFailsItAlone) {
  auto requests = some();
  requests[0].canvas[0].ids[1] = kFakeVocab;
  requests[3].options.length = 0;
  requests[3].canvas.clear();
  RecordingQueue queue(requests);
  decode(model_, queue, {.requests = 2}, nullptr);
  ASSERT_EQ(queue.errors.size(), 2U);
  EXPECT_EQ(queue.errors.at(0).code(), ErrorCode::usage);
  EXPECT_THAT(queue.errors.at(0).what(), HasSubstr(std::to_string(kFakeVocab)));
  EXPECT_EQ(queue.errors.at(3).code(), ErrorCode::usage);
  EXPECT_THAT(passes_->sequences, Each(Le(2)));
  expect_unaffected(queue);
}

TEST_F(LoopTest, WhereMemoryDoesNotSufficeForAllItMaySufficeForEach) {
  for (const bool as_libtorch : {false, true}) {
    *passes_ = {.memory = 10, .as_libtorch = as_libtorch};
    RecordingQueue queue(some());
    decode(model_, queue, {.requests = 5}, nullptr);
    EXPECT_GT(passes_->failed, 0);
    EXPECT_TRUE(queue.errors.empty());
    expect_unaffected(queue);
  }
}

TEST_F(LoopTest, MemoryThatDoesNotSufficeForOneFailsThatOne) {
  for (const bool as_libtorch : {false, true}) {
    *passes_ = {.memory = 9, .as_libtorch = as_libtorch};
    RecordingQueue queue(some());
    decode(model_, queue, {.requests = 3}, nullptr);
    ASSERT_EQ(queue.errors.size(), 1U);
    EXPECT_EQ(queue.errors.at(2).code(), ErrorCode::resource);
    EXPECT_THAT(queue.errors.at(2).what(), HasSubstr("out of memory"));
    expect_unaffected(queue);
  }
}

TEST_F(LoopTest, EachRequestHasItsOwnBudget) {
  auto requests = some();
  requests[2].max_forwards = 2;
  RecordingQueue queue(requests);
  decode(model_, queue, {.requests = 4}, nullptr);
  EXPECT_EQ(queue.results.at(2).finish, Finish::budget);
  EXPECT_EQ(queue.results.at(2).forwards, 2);
  EXPECT_EQ(queue.results.at(0).forwards, 5);
  expect_unaffected(queue);
}

TEST_F(LoopTest, ADeadlineRunsFromWhenItsRequestEntered) {
  passes_->milliseconds = 10;
  auto second = request(9, 2);
  second.deadline_seconds = 0.3;
  auto third = request(9, 60);
  third.deadline_seconds = 0.3;
  RecordingQueue queue({request(4, 40), second, third});  // 0.4 s before the second can enter
  decode(model_, queue, {.requests = 1}, nullptr);
  EXPECT_EQ(queue.results.at(1).finish, Finish::length);
  EXPECT_EQ(queue.results.at(2).finish, Finish::deadline);
}

TEST_F(LoopTest, EventsNameRequestsByNumber) {
  class Steps : public Events {
   public:
    void on_step(const StepEvent& event) override { ++steps[event.request]; }
    std::map<std::size_t, int> steps;
  };
  Steps steps;
  RecordingQueue queue(some());
  decode(model_, queue, {.requests = 2}, &steps);
  for (std::size_t i = 0; i < queue.requests.size(); ++i) {
    EXPECT_EQ(steps.steps[i], queue.requests[i].options.length);
  }
}

TEST_F(LoopTest, WhatTheQueueThrowsGoesThrough) {
  class Full : public RecordingQueue {
   public:
    using RecordingQueue::RecordingQueue;
    void finished(std::size_t, Generation) override {
      throw Error(ErrorCode::failure, "no space left");
    }
  };
  Full queue(some());
  try {
    decode(model_, queue, {}, nullptr);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "no space left");
  }
  EXPECT_TRUE(queue.errors.empty());
}

// In a child process, because the flag is never taken back.
TEST_F(LoopTest, AStopThatWasAskedForGoesThroughAndFailsNobody) {
  const auto interrupted = [] {
    class Stops : public Events {
      void on_step(const StepEvent&) override { request_interrupt(); }
    };
    Stops stops;
    RecordingQueue queue(some());
    const Model model = fake_model(std::make_shared<PassRecord>());
    try {
      decode(model, queue, {.requests = 2}, &stops);
    } catch (const Error& error) {
      ::_exit(queue.errors.empty() ? static_cast<int>(error.code()) : 1);
    }
    ::_exit(2);
  };
  // Anew, not as a fork of a process whose threads other tests have started.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(interrupted(), ::testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace unmask
