#include "io/progress.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace unmask {
namespace {

constexpr ProgressState kHalfway = {.step = 8, .steps = 16, .done = 64, .total = 128, .seconds = 4};

StepEvent after_step(int step, int steps, int open) {
  return {.request = 0,
          .step = step,
          .steps = steps,
          .block = 0,
          .open = open,
          .canvas = {},
          .committed = {},
          .revised = {},
          .confidence = {}};
}

TEST(ProgressLine, ShowsStepsTokensSpeedAndTimeLeft) {
  EXPECT_EQ(progress_line(kHalfway, 80),
            "step 8/16 ▕██████████          ▏ 64/128 tokens 16 tok/s 0:04 left");
}

TEST(ProgressLine, LeavesTheBarOutWhereThereIsNoRoom) {
  EXPECT_EQ(progress_line(kHalfway, 50), "step 8/16 64/128 tokens 16 tok/s 0:04 left");
  EXPECT_EQ(progress_line(kHalfway, 20), "step 8/16");
  EXPECT_EQ(progress_line(kHalfway, 5), "");
}

TEST(ProgressLine, SaysNothingAboutSpeedBeforeAnyTimeHasPassed) {
  EXPECT_EQ(progress_line({.step = 1, .steps = 2, .done = 0, .total = 0, .seconds = 0}, 80),
            "step 1/2 ▕                    ▏ 0/0 tokens");
}

TEST(ProgressLine, CountsMinutes) {
  const ProgressState slow = {.step = 1, .steps = 3, .done = 1, .total = 3, .seconds = 62.6};
  EXPECT_NE(progress_line(slow, 80).find("2:05 left"), std::string::npos);
}

TEST(Progress, WritesNothingWhereItIsSwitchedOff) {
  testing::internal::CaptureStderr();
  Progress progress(Progress::Kind::none, {4});
  progress.say("loading");
  progress.on_step(after_step(0, 1, 0));
  progress.clear();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Progress, DrawsOverItsLineAndRemovesIt) {
  testing::internal::CaptureStderr();
  Progress progress(Progress::Kind::line, {4, 4});
  progress.on_step(after_step(0, 2, 1));
  progress.clear();
  const std::string drawn = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(drawn.starts_with("\rstep 1/2")) << drawn;
  EXPECT_NE(drawn.find("3/8 tokens"), std::string::npos) << drawn;
  EXPECT_TRUE(drawn.ends_with("\r\x1b[K")) << drawn;
}

TEST(Progress, DrawsAtMostTenTimesASecond) {
  testing::internal::CaptureStderr();
  {
    Progress progress(Progress::Kind::line, {1000});
    for (int step = 0; step < 1000; ++step) {
      progress.on_step(after_step(step, 1000, 999 - step));
    }
  }
  const std::string drawn = testing::internal::GetCapturedStderr();
  EXPECT_LT(std::count(drawn.begin(), drawn.end(), '\r'), 20);
}

TEST(Progress, ShowsControlCharactersOfAModelsNameAsText) {
  testing::internal::CaptureStderr();
  {
    Progress progress(Progress::Kind::line, {1});
    progress.say("loading \x1b[2J");
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr().find("\x1b[2J"), std::string::npos);
}

}  // namespace
}  // namespace unmask
