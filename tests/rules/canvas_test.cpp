#include "rules/canvas.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace unmask {
namespace {

constexpr int kMask = 9;

TEST(Canvas, MasksInThePromptAreTextUnlessTheyAreOpen) {
  const std::vector<int> prompt{1, kMask, kMask}, open{2};
  const Canvas canvas(prompt, open, 2, kMask);
  EXPECT_FALSE(canvas.is_open(1));
  EXPECT_FALSE(canvas.is_editable(1));
  EXPECT_EQ(canvas.open_positions(0, canvas.size()), (std::vector<int>{2, 3, 4}));
  EXPECT_EQ(canvas.count_open(3, 5), 2);
}

TEST(Canvas, IsMadeOfItsSegments) {
  const std::vector<Segment> segments = {Segment::given({1, kMask}), Segment::open(2),
                                         Segment::draft({4, 5})};
  Canvas canvas(segments, 1, kMask);
  EXPECT_EQ(std::vector<int>(canvas.ids().begin(), canvas.ids().end()),
            (std::vector<int>{1, kMask, kMask, kMask, 4, 5, kMask}));
  EXPECT_EQ(canvas.prompt_size(), 6);
  EXPECT_EQ(canvas.open_positions(0, 7), (std::vector<int>{2, 3, 6}));
  EXPECT_EQ(canvas.editable_positions(0, 7), (std::vector<int>{2, 3, 4, 5, 6}));
  canvas.apply({.writes = {}, .reopen = {5}});
  EXPECT_TRUE(canvas.is_open(5));
  EXPECT_THROW(canvas.apply({.writes = {{1, 4, 1}}, .reopen = {}}), std::logic_error);
}

TEST(Canvas, AppliesWritesAndReopens) {
  Canvas canvas(std::vector<int>{1}, {}, 3, kMask);
  canvas.apply({.writes = {{1, 4, 0.5F}, {2, 5, 0.5F}}, .reopen = {}});
  canvas.apply({.writes = {}, .reopen = {1}});
  EXPECT_EQ(std::vector<int>(canvas.ids().begin(), canvas.ids().end()),
            (std::vector<int>{1, kMask, 5, kMask}));
  EXPECT_EQ(canvas.open_positions(0, 4), (std::vector<int>{1, 3}));
}

TEST(Canvas, KnowsWhatMayBeWrittenAndWhatHasBeen) {
  Canvas canvas(std::vector<int>{1, 5}, std::vector<int>{1}, 2, kMask);
  EXPECT_EQ(canvas.editable_positions(0, 4), (std::vector<int>{1, 2, 3}));
  canvas.apply({{{2, 7, 1}}, {}});
  EXPECT_EQ(canvas.editable_positions(0, 3), (std::vector<int>{1, 2}));
  EXPECT_TRUE(canvas.has_written(std::vector<int>{4, 7}));
  EXPECT_FALSE(canvas.has_written(std::vector<int>{1, kMask}));  // given, and open
}

TEST(Canvas, RefusesToTouchGivenText) {
  Canvas canvas(std::vector<int>{1, kMask}, {}, 1, kMask);
  EXPECT_THROW(canvas.apply({.writes = {{0, 4, 1}}, .reopen = {}}), std::logic_error);
  EXPECT_THROW(canvas.apply({.writes = {}, .reopen = {1}}), std::logic_error);
}

}  // namespace
}  // namespace unmask
