// Passes over a part of a sequence, with the rest's keys and values from the cache, against the
// references' and against passes without a cache.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "base/range.h"
#include "support/fixture.h"

namespace unmask {
namespace {

using testing::first_difference;
using testing::Fixture;
using testing::to_ints;

class Cache : public ::testing::Test {
 protected:
  c10::InferenceMode inference_;
};

const Json& cached_case(const Fixture& fixture) {
  for (const Json& test_case : fixture.cases()["forward"]) {
    if (test_case.contains("kind")) return test_case;
  }
  throw std::runtime_error("the fixture has no cached passes");
}

/// Logits of the computed positions of one pass.
at::Tensor pass(const Model& model, KeyValueCache& cache, std::span<const int> ids, Range compute,
                Attention attention) {
  const std::vector<int> rows = indices(compute);
  const Request request{
      .ids = ids, .rows = rows, .attention = attention, .compute = rows, .cache = &cache};
  return model.predict({&request, 1})[0];
}

/// Runs the passes of a case one after the other. A pass over a part of the last block sees all of
/// the block.
void expect_passes(const std::string& name) {
  const Fixture fixture(name);
  const Model model = fixture.load(ComputeType::f32, /*raw=*/true);
  const Json& test_case = cached_case(fixture);
  const Attention attention{.block = test_case["block_length"]};
  const auto cache = model.make_cache(128);
  std::vector<int> ids;
  int compared = 0;
  for (const Json& step : test_case["steps"]) {
    const std::vector<int> given = to_ints(step["input_ids"][0]);
    const int begin = step["position_start"], end = begin + static_cast<int>(given.size());
    ids.resize(std::max<std::size_t>(ids.size(), end));
    std::copy(given.begin(), given.end(), ids.begin() + begin);
    const at::Tensor logits = pass(model, *cache, ids, {begin, end}, attention);
    if (step.contains("logits")) {
      EXPECT_EQ(first_difference(logits, fixture.golden(step["logits"])[0], 1e-4, 1e-4), "")
          << step["op"];
      ++compared;
    }
    if (step.contains("logits_last_position")) {
      const at::Tensor golden = fixture.golden(step["logits_last_position"]);
      EXPECT_EQ(first_difference(logits[-1], golden.flatten(), 1e-4, 1e-4), "");
      ++compared;
    }
  }
  EXPECT_GE(compared, 3);
}

TEST_F(Cache, SettledBlocksAreSdars) { expect_passes("sdar"); }

TEST_F(Cache, SubBlocksReplaceTheirPartAsInFastDllm) { expect_passes("fast_dllm_v2"); }

TEST_F(Cache, SlidesOutOfTheWindowAsInBd3lm) {
  const Fixture fixture("bd3lm");
  const Model model = fixture.load(ComputeType::f32, /*raw=*/true);
  const Json& test_case = cached_case(fixture);
  const int length = test_case["block_length"];
  const Attention attention{.block = length, .window = test_case["model_length"]};
  const std::vector<int> final_ids = to_ints(test_case["ids"][0]);
  const auto cache = model.make_cache(static_cast<int>(final_ids.size()));
  ASSERT_GT(final_ids.size(), test_case["model_length"].get<std::size_t>());
  for (const Json& step : test_case["steps"]) {
    const int begin = step["block"].get<int>() * length, end = begin + length;
    std::vector<int> noisy(final_ids.begin(), final_ids.begin() + end);
    std::fill(noisy.begin() + begin + 1, noisy.end(), fixture.facts().mask_id);
    const at::Tensor drafted = pass(model, *cache, noisy, {begin, end}, attention);
    const at::Tensor stored =
        pass(model, *cache, std::span(final_ids).first(end), {begin, end}, attention);
    EXPECT_EQ(first_difference(drafted, fixture.golden(step["noisy_logits"])[0], 1e-4, 1e-4), "");
    EXPECT_EQ(first_difference(stored, fixture.golden(step["store_logits"])[0], 1e-4, 1e-4), "");
  }
}

TEST_F(Cache, SequencesOfOneBatchKeepTheirOwn) {
  const Model model = Fixture("sdar").load();
  const Attention attention{.block = 4};
  const std::vector<std::vector<int>> sequences{{5, 6, 7, 8, 9, 10, 11, 12},
                                                {20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}};
  const std::vector<int> rows[]{{4, 7}, {8, 9, 11}};
  std::vector<std::unique_ptr<KeyValueCache>> caches;
  std::vector<Request> prefixes, blocks;
  for (std::size_t i = 0; i < 2; ++i) {
    caches.push_back(model.make_cache(16));
    const int size = static_cast<int>(sequences[i].size());
    prefixes.push_back({.ids = std::span(sequences[i]).first(size - 4),
                        .rows = {},
                        .attention = attention,
                        .compute = indices({0, size - 4}),
                        .cache = caches[i].get()});
    blocks.push_back({.ids = sequences[i],
                      .rows = rows[i],
                      .attention = attention,
                      .compute = indices({size - 4, size}),
                      .cache = caches[i].get()});
  }
  model.predict(prefixes);
  const std::vector<at::Tensor> cached = model.predict(blocks);
  for (std::size_t i = 0; i < 2; ++i) {
    const at::Tensor whole = model.raw_logits({.ids = sequences[i], .attention = attention});
    EXPECT_EQ(first_difference(cached[i], whole.index_select(0, at::tensor(rows[i], at::kInt)),
                               1e-4, 1e-4),
              "");
  }
}

TEST_F(Cache, ARequestThatDoesNotFitIsRefused) {
  const Model model = Fixture("sdar").load();
  const std::vector<int> ids{1, 2, 3, 4, 5};
  const auto small = model.make_cache(4);
  const Request partial{.ids = ids, .compute = indices({2, 5})};
  const Request too_long{.ids = ids, .compute = indices({0, 5}), .cache = small.get()};
  EXPECT_THROW(model.predict({&partial, 1}), std::logic_error);
  EXPECT_THROW(model.predict({&too_long, 1}), std::logic_error);
}

}  // namespace
}  // namespace unmask
