// --verify-cache: what the cache changed.
#include "cli/verify_cache.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "cli/process.h"
#include "session/setup.h"

namespace unmask {
namespace {

using testing::Finished;
using testing::operator+;
using testing::result_of;
using testing::Words;

const Words kBlocks = {"Hello",         "-n", "32", "--block", "4", "--no-end",
                       "--temperature", "0",  "-t", "1"};

using VerifyCache = testing::EngineTest;

/// Whether the report says so and so many tokens are equal, and where the first other one is
/// exactly where there is one.
void expect_report(const std::string& report, const std::string& cache, int equal) {
  EXPECT_TRUE(report.starts_with("cache " + cache + ": " + std::to_string(equal) + " of 32 tokens"))
      << report;
  EXPECT_EQ(report.find("position") != std::string::npos, equal < 32) << report;
}

TEST_F(VerifyCache, GivesTheCachedAnswerAndSaysWhatTheCacheChanged) {
  int changed = 0;
  for (int prompt = 0; prompt < 4; ++prompt) {
    const Words words = {"-m",       testing::model_folder("fast_dllm_v2"),
                         "--ids",    "7 8 9 " + std::to_string(20 + prompt),
                         "-n",       "32",
                         "--no-end", "--temperature",
                         "0",        "-t",
                         "1"};
    const Words cached = words + Words{"--cache", "sub-block"};
    const Finished plain = testing::unmask(cached);
    const Finished verified = testing::unmask(cached + Words{"--verify-cache"});
    EXPECT_EQ(verified.status, 0) << verified.err;
    EXPECT_EQ(verified.out, plain.out);
    const Json with = result_of(cached), without = result_of(words + Words{"--cache", "none"});
    int equal = 0;
    for (std::size_t i = 0; i < 32; ++i) equal += with["ids"][i] == without["ids"][i];
    expect_report(verified.err, "sub-block", equal);
    changed += equal < 32;
  }
  EXPECT_GT(changed, 0) << "the cache is approximate: that has to show";
}

TEST_F(VerifyCache, SaysWhatTheDelayedCacheChanged) {
  const Words words = {"-m",
                       testing::model_folder("llada"),
                       "--ids",
                       "5 6 7",
                       "-n",
                       "32",
                       "-t",
                       "1",
                       "--verify-cache"};
  expect_report(testing::unmask(words + Words{"--cache", "delayed:1"}).err, "delayed:1", 32);
  const Finished verified = testing::unmask(words + Words{"--cache", "delayed"});
  EXPECT_TRUE(verified.err.starts_with("cache delayed:8: ")) << verified.err;
  EXPECT_NE(verified.err.find("the first other one is at step "), std::string::npos);
}

TEST_F(VerifyCache, AnExactCacheChangesNothing) {
  const Finished verified =
      testing::unmask({"-m", testing::model_folder("sdar"), "--ids", "7 8 9", "-n", "32",
                       "--no-end", "--temperature", "0", "-t", "1", "--verify-cache"});
  expect_report(verified.err, "auto", 32);
}

TEST(CacheReport, WhatLiesBehindAnEarlierEndWasNotTheFirstToDiffer) {
  Plan plan;
  plan.setup = std::make_shared<unmask::Setup>();
  plan.canvas = {Segment::given({1})};
  plan.options.length = 4;
  plan.options.end_ids = {9};
  set_option(plan.options, "cache", "dual");
  constexpr int kMask = 0;
  const std::vector<int> cached = {1, 5, 9, kMask, kMask}, exact = {1, 5, 6, 7, 8};
  WriteSteps steps(1);
  const std::vector<int> first = {1}, second = {2};
  const auto write = [&](int step, const std::vector<int>& positions) {
    steps.on_step({.request = 0,
                   .step = step,
                   .steps = 4,
                   .block = 0,
                   .open = 0,
                   .canvas = cached,
                   .committed = positions,
                   .revised = {},
                   .confidence = {}});
  };
  write(0, first);
  write(3, second);
  const auto read = [&](const std::vector<int>& canvas) {
    return std::vector{read_answer(plan, {.canvas = canvas, .holes = {}})};
  };
  EXPECT_EQ(cache_report(plan, read(cached), read(exact), steps),
            "cache dual: 1 of 4 tokens (25.0 %) are the same without it; the first other one is at "
            "step 3, position 2: 9, not 6\n");
  EXPECT_EQ(cache_report(plan, read(exact), read({1, 5, 6, 7, 4}), steps),
            "cache dual: 3 of 4 tokens (75.0 %) are the same without it; the first other one is at "
            "position 4: 8, not 4\n");
}

TEST_F(VerifyCache, NeedsACache) {
  const Finished finished = testing::unmask(kBlocks + Words{"--verify-cache"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.err.find("--cache"), std::string::npos);
}

}  // namespace
}  // namespace unmask
