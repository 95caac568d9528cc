#include <gtest/gtest.h>

#include "rules/cache/cache.h"
#include "rules/named_rules.h"

namespace unmask {
namespace {

using testing::cache_of;

constexpr int kMask = 9;

Wants block_wants(Range block) {
  return {.rows = {block.begin}, .block_range = block, .focus = block};
}

TEST(BlockCache, ComputesAFinishedBlockOnceMoreWithTheNextOne) {
  const Canvas canvas(std::vector<int>(6, 1), {}, 10, kMask);
  const auto policy = cache_of("block");
  EXPECT_EQ(policy->compute(canvas, block_wants({4, 8}), 8), indices({0, 8}));
  EXPECT_EQ(policy->compute(canvas, block_wants({4, 8}), 8), indices({4, 8}));
  EXPECT_EQ(policy->compute(canvas, block_wants({8, 12}), 12), indices({4, 12}));
  EXPECT_EQ(policy->compute(canvas, block_wants({8, 12}), 12), indices({8, 12}));
}

TEST(BlockCache, CatchesUpWithBlocksThatWerePassedOver) {
  const Canvas canvas(std::vector<int>(16, 1), std::vector<int>{0, 13}, 0, kMask);
  const auto policy = cache_of("block");
  EXPECT_EQ(policy->compute(canvas, block_wants({0, 4}), 4), indices({0, 4}));
  EXPECT_EQ(policy->compute(canvas, block_wants({12, 16}), 16), indices({0, 16}));
  EXPECT_EQ(policy->compute(canvas, block_wants({12, 16}), 16), indices({12, 16}));
}

TEST(SubBlockCache, ComputesTheSubBlockAloneOnceItsFirstTokenIsSettled) {
  Canvas canvas(std::vector<int>(5, 1), {}, 12, kMask);
  const auto policy = cache_of("sub-block");
  const auto compute = [&](Range focus, int first_row) {
    return policy->compute(canvas, {.rows = {first_row}, .block_range = {0, 8}, .focus = focus}, 8);
  };
  EXPECT_EQ(compute({4, 6}, 5), indices({0, 8}));  // nothing is cached yet
  EXPECT_EQ(compute({4, 6}, 5), indices({4, 6}));
  EXPECT_EQ(compute({6, 8}, 6), indices({0, 8}));
  canvas.apply({.writes = {{6, 2, 1}}, .reopen = {}});
  EXPECT_EQ(compute({6, 8}, 7), indices({6, 8}));
  // The pass that only asks for what comes next leaves the block as it will stay.
  EXPECT_EQ(compute({0, 8}, 8), indices({0, 8}));
  EXPECT_EQ(policy->compute(canvas, {.rows = {9}, .block_range = {8, 16}, .focus = {8, 12}}, 16),
            indices({8, 16}));
}

TEST(FastDllmCache, ComputesTheWholeCanvasInABlocksFirstPass) {
  const Canvas canvas(std::vector<int>(4, 1), {}, 8, kMask);
  const auto prefix = cache_of("prefix"), dual = cache_of("dual");
  for (const Range block : {Range{4, 8}, Range{8, 12}}) {
    EXPECT_EQ(prefix->compute(canvas, block_wants(block), 12), indices({0, 12}));
    EXPECT_EQ(prefix->compute(canvas, block_wants(block), 12), indices({block.begin, 12}));
    EXPECT_EQ(dual->compute(canvas, block_wants(block), 12), indices({0, 12}));
    EXPECT_EQ(dual->compute(canvas, block_wants(block), 12), indices(block));
    EXPECT_EQ(dual->compute(canvas, block_wants(block), 12), indices(block));
  }
}

/// What each pass computes when position after position is written, from left to right.
std::vector<std::vector<int>> delayed_passes(int refresh, int passes) {
  Canvas canvas(std::vector<int>(2, 1), {}, 6, kMask);
  const auto policy = cache_of("delayed:" + std::to_string(refresh));
  std::vector<std::vector<int>> computed;
  for (int i = 2; i < 2 + passes; ++i) {
    computed.push_back(policy->compute(canvas, block_wants({2, 8}), 8));
    canvas.apply({.writes = {{i, 1, 1}}, .reopen = {}});
  }
  return computed;
}

TEST(DelayedCache, ComputesWhatIsOpenAndWhatWasJustWritten) {
  const auto passes = delayed_passes(4, 6);
  EXPECT_EQ(passes[0], indices({0, 8}));  // nothing is cached yet
  EXPECT_EQ(passes[1], indices({2, 8}));  // position 2 has become a token
  EXPECT_EQ(passes[2], indices({3, 8}));  // and is kept since
  EXPECT_EQ(passes[3], indices({4, 8}));
  EXPECT_EQ(passes[4], indices({0, 8}));  // everything again
  EXPECT_EQ(passes[5], indices({6, 8}));
}

TEST(DelayedCache, RefreshedByEveryPassKeepsNothing) {
  for (const std::vector<int>& pass : delayed_passes(1, 5)) EXPECT_EQ(pass, indices({0, 8}));
}

TEST(DelayedCache, KeepsWhatLiesBetweenOpenPositions) {
  Canvas canvas(std::vector<int>(2, 1), {}, 6, kMask);
  const auto policy = cache_of("delayed:8");
  const Wants wants = block_wants({2, 8});
  (void)policy->compute(canvas, wants, 8);
  canvas.apply({.writes = {{4, 1, 1}, {7, 1, 1}}, .reopen = {}});
  EXPECT_EQ(policy->compute(canvas, wants, 8), indices({2, 8}));
  EXPECT_EQ(policy->compute(canvas, wants, 8), (std::vector<int>{2, 3, 5, 6}));
  // What is masked again or replaced is computed again, and kept a step later.
  canvas.apply({.writes = {{7, 2, 1}}, .reopen = {4}});
  EXPECT_EQ(policy->compute(canvas, wants, 8), indices({2, 8}));
  EXPECT_EQ(policy->compute(canvas, wants, 8), indices({2, 7}));
}

TEST(DelayedCache, ComputesEverythingWhenABlockBegins) {
  const Canvas canvas(std::vector<int>(4, 1), {}, 8, kMask);
  const auto policy = cache_of("delayed:8");
  Wants wants = block_wants({4, 8});
  EXPECT_EQ(policy->compute(canvas, wants, 12), indices({0, 12}));
  EXPECT_EQ(policy->compute(canvas, wants, 12), indices({4, 12}));
  wants.block = 1;
  EXPECT_EQ(policy->compute(canvas, wants, 12), indices({0, 12}));
  EXPECT_EQ(policy->compute(canvas, wants, 12), indices({4, 12}));
}

TEST(MakeCachePolicy, KeepsFinishedBlocksOnlyWhereTheyAreFinal) {
  DecodeOptions options;
  EXPECT_EQ(make_cache_policy(options), nullptr);
  options.attention = AttentionKind::block;
  EXPECT_NE(make_cache_policy(options), nullptr);
  set_option(options, "cache", "none");
  EXPECT_EQ(make_cache_policy(options), nullptr);
}

}  // namespace
}  // namespace unmask
