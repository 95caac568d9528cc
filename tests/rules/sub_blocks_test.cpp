// Fast-dLLM v2's rule. Its trajectories are in generate_test; here is what they do not show.
#include <gtest/gtest.h>

#include "rules/cards.h"
#include "rules/scripted_network.h"

namespace unmask {
namespace {

using testing::run_scripted;
using testing::Said;
using Ids = std::vector<int>;

constexpr int kVocab = 20, kMask = 19;

DecodeOptions parts(int block, int sub_block, double threshold) {
  DecodeOptions options;
  options.block = block;
  options.sub_block = sub_block;
  options.grid = BlockGrid::absolute;
  options.attention = AttentionKind::block;
  options.commit = {find_card<CommitCard>("threshold"), {threshold, 1}};
  return options;
}

TEST(SubBlockRule, TheFirstTokenOfABlockIsAStepOfItsOwn) {
  Canvas canvas(Ids{1, 2, 3, 4}, {}, 5, kMask);  // as long as a block, then a block and one
  const auto rule = make_rule(parts(4, 2, 0.5), canvas);
  const auto steps = run_scripted(
      *rule, canvas,
      [](const Canvas&, int position) {
        return Said{position, 0.9};
      },
      kVocab);
  ASSERT_EQ(steps.size(), 4U);
  EXPECT_EQ(steps[0].wants.rows, Ids{4});
  EXPECT_EQ(steps[0].wants.block_range, (Range{0, 4}));  // the prompt's block, which is finished
  EXPECT_EQ(steps[1].wants.rows, Ids{5});
  EXPECT_EQ(steps[1].wants.block_range, (Range{4, 8}));
  EXPECT_EQ(steps[1].wants.focus, (Range{4, 6}));
  EXPECT_EQ(steps[2].wants.rows, (Ids{6, 7}));
  EXPECT_EQ(steps[2].wants.focus, (Range{6, 8}));
  EXPECT_EQ(steps[3].wants.rows, Ids{8});
  EXPECT_EQ(steps[3].wants.block_range, (Range{4, 8}));
  EXPECT_EQ(steps[3].ids, (Ids{1, 2, 3, 4, 4, 5, 6, 7, 8}));
}

TEST(SubBlockRule, CommitsWhatIsStrictlyAboveTheThresholdAndAlwaysTheBest) {
  Canvas canvas(Ids{1}, {}, 3, kMask);
  const auto rule = make_rule(parts(4, 4, 0.75), canvas);
  // The second and the third are equally sure, not surer than the threshold.
  const auto steps = run_scripted(
      *rule, canvas,
      [](const Canvas&, int position) {
        return Said{5, position == 3 ? 0.8 : 0.6};
      },
      kVocab);
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0].ids, (Ids{1, kMask, kMask, 5}));
  EXPECT_EQ(steps[1].ids, (Ids{1, 5, kMask, 5}));  // of equal ones the first
  EXPECT_EQ(steps[2].ids, (Ids{1, 5, 5, 5}));
}

TEST(SubBlockRule, APromptOfNothingIsDecodedWithoutAFirstToken) {
  Canvas canvas({}, {}, 4, kMask);
  const auto rule = make_rule(parts(4, 2, 0.5), canvas);
  const auto steps = run_scripted(
      *rule, canvas,
      [](const Canvas&, int) {
        return Said{5, 0.9};
      },
      kVocab);
  EXPECT_EQ(steps[0].wants.rows, (Ids{0, 1}));
  EXPECT_EQ(steps.back().ids, Ids(4, 5));
}

TEST(SubBlockRule, StopsAfterABlockWithAnEndToken) {
  DecodeOptions options = parts(4, 2, 0.5);
  options.stop_after_block = true;
  options.end_ids = {2};
  Canvas canvas(Ids{1}, {}, 8, kMask);
  const auto rule = make_rule(options, canvas);
  const auto steps = run_scripted(
      *rule, canvas,
      [](const Canvas&, int position) {
        return Said{position, 0.9};
      },
      kVocab);
  EXPECT_EQ(steps.back().ids, (Ids{1, 1, 2, 3, kMask, kMask, kMask, kMask, kMask}));
}

TEST(SubBlockRule, DrawsTokensButNotTheFirstOneOfABlock) {
  DecodeOptions options = parts(2, 2, 0);
  options.temperature = 1;
  options.sampler = Sampler::categorical;
  int surprises = 0;
  for (int seed = 0; seed < 50; ++seed) {
    Canvas canvas(Ids{1, 2}, {}, 2, kMask);
    const auto rule = make_rule(options, canvas);
    SeededNoise noise(seed);
    while (const std::optional<Wants> wants = rule->next(canvas)) {
      const auto network = [](const Canvas&, int) { return Said{5, 0.4}; };
      canvas.apply(
          rule->step(canvas, testing::said_of(network, canvas, wants->rows, kVocab), noise));
    }
    EXPECT_EQ(canvas.ids()[2], 5);
    surprises += canvas.ids()[3] != 5;
  }
  EXPECT_GT(surprises, 15);
  EXPECT_LT(surprises, 45);
}

}  // namespace
}  // namespace unmask
