// What a request gets depends on neither its batch mates nor the order of the requests: of every
// family, in float32, token by token.
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "decode/loop.h"
#include "decode/recording_queue.h"
#include "references/reference_cases.h"
#include "rules/cards.h"
#include "support/fixture.h"

namespace unmask {
namespace {

using testing::Fixture;
using testing::RecordingQueue;

constexpr const char* kDefaultModel = "the_default_model";

std::vector<std::string> all_models() {
  std::vector<std::string> names = testing::all_fixtures();
  names.insert(names.begin(), std::string(kDefaultModel));
  return names;
}

class BatchEquality : public ::testing::TestWithParam<std::string> {
 protected:
  static Model load() {
    if (GetParam() != kDefaultModel) return Fixture(GetParam()).load();
    const std::filesystem::path folder = UNMASK_SOURCE "/models/llama-unmask-8m";
    const auto checkpoint = Checkpoint::open(folder);
    return {checkpoint, read_facts(*checkpoint, ""), ComputeType::f32};
  }

  static int mask_id(const ModelFacts& facts) {
    if (facts.mask_id != kUnknownId) return facts.mask_id;
    return testing::reference_cases(GetParam()).at(0).mask_id;  // only the tokenizer knows
  }

 private:
  c10::InferenceMode inference_;
};

/// The caches that go with the options.
std::vector<DecodeOptions> with_caches(const DecodeOptions& options) {
  std::vector<DecodeOptions> all;
  for (const char* cache : {"none", "block", "prefix", "dual", "sub-block", "delayed:2"}) {
    DecodeOptions each = options;
    try {
      set_option(each, "cache", cache);
      check_options(each);
      all.push_back(each);
    } catch (const Error&) {
    }
  }
  return all;
}

/// The family's own way of decoding, in short blocks where it has blocks.
DecodeOptions short_blocks(const ModelFacts& facts) {
  DecodeOptions options = facts.reference;
  options.early_stop = false;
  if (options.block > 0) {
    options.block = 4;
    options.sub_block = std::min(options.sub_block, 2);
  } else if (options.attention == AttentionKind::full && options.commit.name() == "quota") {
    options.block = 4;
  }
  const int steps = options.steps_per == StepsPer::block ? 4 : 16;
  if (options.steps > 0) options.steps = std::min(options.steps, steps);
  return options;
}

/// Unequal prompts and lengths; every other one is sampled; every cache that the family has.
std::vector<GenerationRequest> unequal_requests(const ModelFacts& facts, int mask_id) {
  constexpr int kPrompts[] = {1, 7, 3, 12, 5, 2, 9, 4}, kLengths[] = {9, 4, 17, 6, 12, 8, 3, 11};
  const std::vector<DecodeOptions> caches = with_caches(short_blocks(facts));
  EXPECT_GT(caches.size(), 1U);
  std::vector<GenerationRequest> requests;
  std::mt19937 random(7);
  for (std::size_t i = 0; i < 16; ++i) {
    GenerationRequest request;
    request.options = caches[i / 2 % caches.size()];
    request.options.length = kLengths[i * 3 % 8];
    request.options.temperature = i % 2 == 0 ? 0 : 1.5;
    request.mask_id = mask_id;
    request.seed = 100 + i;
    std::vector<int> ids;
    while (std::ssize(ids) < kPrompts[i % 8]) {
      const int id = static_cast<int>(random() % facts.vocab);
      if (id != mask_id) ids.push_back(id);
    }
    request.canvas = {Segment::given(std::move(ids))};
    requests.push_back(request);
  }
  return requests;
}

/// The answers in the order of `requests`, which are taken in another.
std::vector<Generation> run(const Model& model, const std::vector<GenerationRequest>& requests,
                            const std::vector<std::size_t>& order, BatchLimits limits) {
  std::vector<GenerationRequest> taken;
  for (const std::size_t i : order) taken.push_back(requests[i]);
  RecordingQueue queue(taken);
  decode(model, queue, limits, nullptr);
  for (const auto& [number, error] : queue.errors) ADD_FAILURE() << error.what();
  std::vector<Generation> results(requests.size());
  for (std::size_t i = 0; i < order.size(); ++i) results[order[i]] = queue.results[i];
  return results;
}

TEST_P(BatchEquality, InAnyBatchAndOrderTheTokensAreTheSame) {
  const Model model = load();
  const auto requests = unequal_requests(model.facts(), mask_id(model.facts()));
  std::vector<std::size_t> order(requests.size());
  std::iota(order.begin(), order.end(), 0U);
  const std::vector<Generation> alone = run(model, requests, order, {.requests = 1});

  const auto expect_same = [&](BatchLimits limits) {
    const std::vector<Generation> together = run(model, requests, order, limits);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      EXPECT_EQ(together[i].canvas, alone[i].canvas) << i << ", batch " << limits.requests;
      EXPECT_EQ(together[i].forwards, alone[i].forwards);
      EXPECT_EQ(together[i].finish, alone[i].finish);
    }
  };
  std::mt19937 random(3);
  for (const int size : {1, 2, 4, 8}) {
    if (size > 1) expect_same({.requests = size});
    std::shuffle(order.begin(), order.end(), random);
    expect_same({.requests = size});
    std::sort(order.begin(), order.end());
  }
  expect_same({.requests = 8, .tokens = 40});
}

// Were the answers alike, the test above would say little.
TEST_P(BatchEquality, TheSeedDecidesWhereSomethingIsDrawn) {
  const Model model = load();
  auto requests = unequal_requests(model.facts(), mask_id(model.facts()));
  const GenerationRequest drawn = requests[3];
  requests.assign(2, drawn);
  requests[1].seed += 1;
  const auto answers = run(model, requests, {0, 1}, {});
  EXPECT_NE(answers[0].canvas, answers[1].canvas);
}

INSTANTIATE_TEST_SUITE_P(Models, BatchEquality, ::testing::ValuesIn(all_models()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace unmask
