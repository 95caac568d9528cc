#include "batch/report.h"

#include <gtest/gtest.h>

#include "batch/progress.h"

namespace unmask {
namespace {

constexpr BatchState kHalfway = {
    .done = 60, .skipped = 20, .total = 100, .failed = 2, .tokens = 4000, .seconds = 40};

TEST(BatchLine, ShowsLinesSpeedTimeLeftAndFailures) {
  EXPECT_EQ(batch_line(kHalfway, 80),
            "60/100 lines ▕████████████        ▏ 100 tok/s 0:40 left, 2 failed");
}

TEST(BatchLine, LeavesOutWhatHasNoRoom) {
  EXPECT_EQ(batch_line(kHalfway, 60), "60/100 lines 100 tok/s 0:40 left, 2 failed");
  EXPECT_EQ(batch_line(kHalfway, 20), "60/100 lines");
  EXPECT_EQ(batch_line(kHalfway, 5), "");
}

TEST(BatchLine, SaysThatTheTotalIsUnknown) {
  BatchState state = kHalfway;
  state.total = std::nullopt;
  state.failed = 0;
  EXPECT_EQ(batch_line(state, 80), "60/? lines 100 tok/s");
}

TEST(BatchLine, DoesNotGuessBeforeALineIsDone) {
  EXPECT_EQ(batch_line({.done = 20, .skipped = 20, .total = 30, .seconds = 1}, 30),
            "20/30 lines 0 tok/s");
}

TEST(BatchProgress, CountsWhatItIsTold) {
  ::testing::internal::CaptureStderr();
  {
    BatchProgress progress(StatusLine::Kind::line, 3);
    progress.skip();
    progress.line_done(10, true);
  }
  const std::string drawn = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(drawn.starts_with("\r2/3 lines")) << drawn;
  EXPECT_NE(drawn.find("1 failed"), std::string::npos) << drawn;
  EXPECT_TRUE(drawn.ends_with("\r\x1b[K")) << drawn;
}

TEST(BatchProgress, WritesNothingWhereItIsSwitchedOff) {
  ::testing::internal::CaptureStderr();
  BatchProgress progress(StatusLine::Kind::none, 3);
  progress.say("loading");
  progress.line_done(10, true);
  progress.clear();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(ClockText, CountsHours) {
  EXPECT_EQ(clock_text(0), "0:00");
  EXPECT_EQ(clock_text(65.4), "1:05");
  EXPECT_EQ(clock_text(3599.6), "1:00:00");
  EXPECT_EQ(clock_text(36'061), "10:01:01");
  EXPECT_EQ(clock_text(-1), "0:00");
}

BatchReport example() {
  BatchReport report;
  report.lines = 100;
  report.done = 70;
  report.failed = 10;
  report.skipped = 20;
  report.failed_before = 3;
  report.tokens = 7000;
  report.forwards = 300;
  report.seconds = 35;
  report.errors = {{"usage", 9}, {"resource", 1}};
  report.model = {{"path", "a"}};
  report.start = std::chrono::system_clock::from_time_t(1'000'000'000);
  report.end = report.start + std::chrono::seconds(36);
  return report;
}

TEST(BatchSummary, SaysWhatBecameOfTheLines) {
  EXPECT_EQ(
      batch_summary(example()),
      "100 lines: 70 done, 20 done before (3 failed), 10 failed in 0:35, 2.0 lines/s, 200.0 tok/s");
  BatchReport one;
  one.lines = one.skipped = 1;
  EXPECT_EQ(batch_summary(one), "1 line: 0 done, 1 done before in 0:00");
}

TEST(BatchReport, HasCountsRatesErrorsAndTimes) {
  const auto json = report_json(example());
  EXPECT_EQ(json.at("done"), 70);
  EXPECT_EQ(json.at("failed"), 10);
  EXPECT_EQ(json.at("skipped"), 20);
  EXPECT_EQ(json.at("failed_before"), 3);
  EXPECT_EQ(json.at("lines_per_s"), 2.0);
  EXPECT_EQ(json.at("tokens_per_s"), 200.0);
  EXPECT_EQ(json.at("errors").at("usage"), 9);
  EXPECT_EQ(json.at("model").at("path"), "a");
  EXPECT_EQ(json.at("start"), "2001-09-09T01:46:40Z");
  EXPECT_EQ(json.at("end"), "2001-09-09T01:47:16Z");
}

}  // namespace
}  // namespace unmask
