// P2's rule. Its trajectories are in generate_test; here is what they do not show.
#include <gtest/gtest.h>

#include "rules/scripted_network.h"

namespace unmask {
namespace {

using testing::run_scripted;
using testing::Said;
using testing::ScriptedStep;
using Ids = std::vector<int>;

constexpr int kVocab = 20, kMask = 19;

std::vector<ScriptedStep> run_p2(Canvas& canvas, int steps,
                                 const testing::ScriptedNetwork& network) {
  DecodeOptions options;
  options.steps = steps;
  set_option(options, "revise", "p2");
  const auto rule = make_rule(options, canvas);
  return run_scripted(*rule, canvas, network, kVocab);
}

TEST(P2Rule, MasksTheLeastSureAgainAndKeepsTheTokensOfTheOthers) {
  Canvas canvas(Ids{1}, {}, 4, kMask);
  int step = -1;
  // Sure of the first two; then of the last two, and of another token at the second.
  const auto network = [&](const Canvas&, int position) {
    if (position == 1) ++step;
    const bool first = position <= 2;
    return Said{step == 0 ? 5 : 6, first == (step == 0) ? 0.9 : 0.5 + 0.01 * position};
  };
  const auto steps = run_p2(canvas, 4, network);
  ASSERT_EQ(steps.size(), 4U);
  EXPECT_EQ(steps[0].wants.rows, (Ids{1, 2, 3, 4}));
  EXPECT_EQ(steps[0].ids, (Ids{1, kMask, 5, kMask, kMask}));  // ties of the best: the first is less
  EXPECT_EQ(steps[1].ids, (Ids{1, kMask, kMask, 6, 6}));
  EXPECT_EQ(steps[1].edit.reopen, Ids{2});
  EXPECT_EQ(steps[2].ids, (Ids{1, kMask, 6, 6, 6}));
  EXPECT_EQ(steps[3].ids, (Ids{1, 6, 6, 6, 6}));
}

TEST(P2Rule, SettledTokensThatStayAreNotReplaced) {
  Canvas canvas({}, {}, 2, kMask);
  int step = -1;
  const auto network = [&](const Canvas&, int position) {
    if (position == 0) ++step;
    return Said{3 + step, position == 0 ? 0.9 : 0.8};
  };
  const auto steps = run_p2(canvas, 2, network);
  EXPECT_EQ(steps.back().ids, (Ids{3, 4}));
}

TEST(P2Rule, CountsWhatIsMaskedInFloat32) {
  // 1 - 3/10 is 0.7 in double, and 10 times that 6.99..., but 7 in float32.
  Canvas canvas({}, {}, 10, kMask);
  const auto steps = run_p2(canvas, 10, [](const Canvas&, int position) {
    return Said{1, 0.5 + 0.01 * position};
  });
  std::vector<int> open;
  for (const ScriptedStep& step : steps) {
    open.push_back(static_cast<int>(std::count(step.ids.begin(), step.ids.end(), kMask)));
  }
  EXPECT_EQ(open, (std::vector<int>{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}));
}

TEST(P2Rule, JudgesASettledPositionByTheMaskToo) {
  // Where the network would rather have the mask than any token, it is as sure of the position as
  // of the mask: the first one stays, though no token has much probability there.
  Canvas canvas({}, {}, 3, kMask);
  int step = -1;
  const auto network = [&](const Canvas&, int position) {
    if (position == 0) ++step;
    if (step == 0) return Said{3, position == 0 ? 0.9 : 0.8};
    return position == 0 ? Said{kMask, 0.99} : Said{4, 0.5};
  };
  const auto steps = run_p2(canvas, 3, network);
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0].ids, (Ids{3, kMask, kMask}));
  EXPECT_EQ(steps[1].ids, (Ids{3, kMask, 4}));
  EXPECT_EQ(steps[2].ids, (Ids{3, 4, 4}));
}

TEST(P2Rule, NothingIsFinalUntilNothingIsOpen) {
  DecodeOptions options;
  options.steps = 2;
  set_option(options, "revise", "p2");
  Canvas canvas({}, {}, 2, kMask);
  const auto rule = make_rule(options, canvas);
  EXPECT_EQ(rule->final_before(canvas), 0);
  canvas.apply({{{0, 1, 1}}, {}});
  EXPECT_EQ(rule->final_before(canvas), 0);
  canvas.apply({{{1, 1, 1}}, {}});
  EXPECT_EQ(rule->final_before(canvas), 2);
  EXPECT_FALSE(rule->next(canvas).has_value());
}

}  // namespace
}  // namespace unmask
