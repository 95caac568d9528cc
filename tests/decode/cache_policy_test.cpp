#include "decode/cache_policy.h"

#include <gtest/gtest.h>

namespace unmask {
namespace {

constexpr int kMask = 9;

Wants block_wants(Range block) {
  return {.rows = {block.begin}, .block_range = block, .focus = block};
}

TEST(BlockCache, ComputesAFinishedBlockOnceMoreWithTheNextOne) {
  const Canvas canvas(std::vector<int>(6, 1), {}, 10, kMask);
  const auto policy = make_block_cache();
  EXPECT_EQ(policy->compute(canvas, block_wants({4, 8}), 8), (Range{0, 8}));
  EXPECT_EQ(policy->compute(canvas, block_wants({4, 8}), 8), (Range{4, 8}));
  EXPECT_EQ(policy->compute(canvas, block_wants({8, 12}), 12), (Range{4, 12}));
  EXPECT_EQ(policy->compute(canvas, block_wants({8, 12}), 12), (Range{8, 12}));
}

TEST(BlockCache, CatchesUpWithBlocksThatWerePassedOver) {
  const Canvas canvas(std::vector<int>(16, 1), std::vector<int>{0, 13}, 0, kMask);
  const auto policy = make_block_cache();
  EXPECT_EQ(policy->compute(canvas, block_wants({0, 4}), 4), (Range{0, 4}));
  EXPECT_EQ(policy->compute(canvas, block_wants({12, 16}), 16), (Range{0, 16}));
  EXPECT_EQ(policy->compute(canvas, block_wants({12, 16}), 16), (Range{12, 16}));
}

TEST(SubBlockCache, ComputesTheSubBlockAloneOnceItsFirstTokenIsSettled) {
  Canvas canvas(std::vector<int>(5, 1), {}, 12, kMask);
  const auto policy = make_sub_block_cache();
  const auto compute = [&](Range focus, int first_row) {
    return policy->compute(canvas, {.rows = {first_row}, .block_range = {0, 8}, .focus = focus}, 8);
  };
  EXPECT_EQ(compute({4, 6}, 5), (Range{0, 8}));  // nothing is cached yet
  EXPECT_EQ(compute({4, 6}, 5), (Range{4, 6}));
  EXPECT_EQ(compute({6, 8}, 6), (Range{0, 8}));
  canvas.apply({.writes = {{6, 2, 1}}, .reopen = {}});
  EXPECT_EQ(compute({6, 8}, 7), (Range{6, 8}));
  // The pass that only asks for what comes next leaves the block as it will stay.
  EXPECT_EQ(compute({0, 8}, 8), (Range{0, 8}));
  EXPECT_EQ(policy->compute(canvas, {.rows = {9}, .block_range = {8, 16}, .focus = {8, 12}}, 16),
            (Range{8, 16}));
}

TEST(FastDllmCache, ComputesTheWholeCanvasInABlocksFirstPass) {
  const Canvas canvas(std::vector<int>(4, 1), {}, 8, kMask);
  const auto prefix = make_prefix_cache(), dual = make_dual_cache();
  for (const Range block : {Range{4, 8}, Range{8, 12}}) {
    EXPECT_EQ(prefix->compute(canvas, block_wants(block), 12), (Range{0, 12}));
    EXPECT_EQ(prefix->compute(canvas, block_wants(block), 12), (Range{block.begin, 12}));
    EXPECT_EQ(dual->compute(canvas, block_wants(block), 12), (Range{0, 12}));
    EXPECT_EQ(dual->compute(canvas, block_wants(block), 12), block);
    EXPECT_EQ(dual->compute(canvas, block_wants(block), 12), block);
  }
}

TEST(MakeCachePolicy, KeepsFinishedBlocksOnlyWhereTheyAreFinal) {
  DecodeOptions options;
  EXPECT_EQ(make_cache_policy(options), nullptr);
  options.attention = AttentionKind::block;
  EXPECT_NE(make_cache_policy(options), nullptr);
  options.cache = CacheKind::none;
  EXPECT_EQ(make_cache_policy(options), nullptr);
}

}  // namespace
}  // namespace unmask
