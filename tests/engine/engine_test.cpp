#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "decode/recording_queue.h"
#include "engine/exports.h"
#include "support/fixture.h"
#include "unmask/version.h"

namespace unmask {
namespace {

using testing::Fixture;
using testing::to_ints;

std::unique_ptr<Engine> load(const std::string& fixture) {
  EngineOptions options;
  options.checkpoint = open_checkpoint(Fixture(fixture).model_folder());
  return std::unique_ptr<Engine>(unmask_engine_create(options));
}

GenerationRequest request(std::vector<int> ids, int length) {
  GenerationRequest request;
  request.canvas = {Segment::given(std::move(ids))};
  request.options.length = length;
  request.options.early_stop = false;
  return request;
}

template <typename Work>
Error error_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  return {ErrorCode::interrupted, "nothing was thrown"};
}

TEST(Engine, SaysWhichVersionItIs) { EXPECT_STREQ(unmask_engine_version(), kVersion); }

TEST(Engine, GivesTheGoldenLogitsUnshifted) {
  const auto engine = load("dream");
  const Fixture fixture("dream");
  const Json& test_case = fixture.cases()["forward"][1];
  const std::vector<int> ids = to_ints(test_case["input_ids"][0]);
  const RawLogits raw = engine->logits({&ids, 1}, {}, /*hidden=*/true)[0];
  EXPECT_EQ(raw.tensors[0].name, "logits");
  EXPECT_EQ(raw.tensors[1].name, "hidden.embed");
  EXPECT_EQ(raw.tensors[2].name, "hidden.layer0");
  EXPECT_EQ(raw.tensors.back().name, "hidden.final_norm");
  const at::Tensor golden = fixture.golden(test_case["logits"]);
  EXPECT_EQ(raw.tensors[0].shape, golden[0].sizes().vec());
  ASSERT_EQ(static_cast<std::int64_t>(raw.tensors[0].values.size()), golden.numel());
  for (std::int64_t i = 0; i < golden.numel(); ++i) {
    EXPECT_NEAR(raw.tensors[0].values[i], golden.data_ptr<float>()[i], 2e-3);
  }
}

TEST(Engine, WhatARequestGetsDependsOnItsSeedAlone) {
  const auto engine = load("llada");
  std::vector<GenerationRequest> requests{request({5, 6, 7}, 16), request({8}, 24),
                                          request({5, 6, 7}, 16)};
  for (GenerationRequest& each : requests) {
    each.options.temperature = 1;
    each.seed = 11;
  }
  requests[2].seed = 12;
  const auto together = engine->generate(requests, nullptr);
  const auto alone = engine->generate(std::span(requests).first(1), nullptr);
  EXPECT_EQ(together[0].canvas, alone[0].canvas);
  EXPECT_NE(together[0].canvas, together[2].canvas);
  EXPECT_EQ(together[1].canvas.size(), 25U);
}

TEST(Engine, RunsAQueueAndFailsTheWrongRequestAlone) {
  const auto engine = load("llada");
  const std::vector<GenerationRequest> requests{request({5, 6, 7}, 16), request({320}, 4),
                                                request({8}, 24), request({9, 1}, 3)};
  testing::RecordingQueue queue(requests);
  engine->run(queue, {.requests = 2, .tokens = 64}, nullptr);
  ASSERT_EQ(queue.errors.size(), 1U);
  EXPECT_EQ(queue.errors.at(1).code(), ErrorCode::usage);
  for (const std::size_t i : {0U, 2U, 3U}) {
    const Generation alone = engine->generate({&requests[i], 1}, nullptr)[0];
    EXPECT_EQ(queue.results.at(i).canvas, alone.canvas);
    EXPECT_EQ(queue.results.at(i).forwards, alone.forwards);
  }
  EXPECT_EQ(error_of([&] { engine->generate(requests, nullptr); }).code(), ErrorCode::usage);
}

TEST(Engine, StopsEarlyAtAnEndTokenWithTheSameText) {
  const auto engine = load("llada");
  GenerationRequest whole = request({158, 262, 41, 238, 49, 193}, 48);
  whole.options.order = Order::left;
  const std::vector<int> full = engine->generate({&whole, 1}, nullptr)[0].canvas;
  // Any token of the answer can play the end token: here one of its middle.
  GenerationRequest early = whole;
  early.options.end_ids = {full[26]};
  early.options.early_stop = true;
  const Generation stopped = engine->generate({&early, 1}, nullptr)[0];
  const auto end = std::find(full.begin() + 6, full.end(), full[26]);
  EXPECT_EQ(stopped.finish, Finish::end);
  EXPECT_EQ(stopped.forwards, end - full.begin() - 6 + 1);
  EXPECT_TRUE(std::equal(full.begin(), end + 1, stopped.canvas.begin()));
}

TEST(Engine, RefusesIdsThatTheModelDoesNotHave) {
  const auto engine = load("llada");
  for (const int bad : {-1, 320, 1 << 30}) {
    const GenerationRequest wrong = request({1, bad}, 4);
    const Error error = error_of([&] { engine->generate({&wrong, 1}, nullptr); });
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(std::string(error.what()).find(std::to_string(bad)), std::string::npos);
    const std::vector<int> ids{bad};
    EXPECT_EQ(error_of([&] { engine->logits({&ids, 1}, {}, false); }).code(), ErrorCode::usage);
  }
}

TEST(Engine, RefusesAnEmptyCanvas) {
  const auto engine = load("llada");
  const GenerationRequest nothing = request({}, 0);
  EXPECT_EQ(error_of([&] { engine->generate({&nothing, 1}, nullptr); }).code(), ErrorCode::usage);
}

TEST(Engine, WithNothingToFillReturnsThePrompt) {
  const auto engine = load("llada");
  const GenerationRequest still = request({3, 4}, 0);
  const Generation result = engine->generate({&still, 1}, nullptr)[0];
  EXPECT_EQ(result.canvas, (std::vector<int>{3, 4}));
  EXPECT_EQ(result.forwards, 0);
}

TEST(Engine, WithoutAPromptFillsTheCanvas) {
  const auto engine = load("dream");
  const GenerationRequest free = request({}, 8);
  EXPECT_EQ(engine->generate({&free, 1}, nullptr)[0].canvas.size(), 8U);
}

}  // namespace
}  // namespace unmask
