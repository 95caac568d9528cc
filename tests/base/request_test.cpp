#include "unmask/request.h"

#include <gtest/gtest.h>

namespace unmask {
namespace {

using Segments = std::vector<Segment>;

constexpr int kMask = 9;

TEST(Segments, KnowTheirSizeTheirIdsAndTheirHoles) {
  const Segments canvas = {Segment::open(1), Segment::given({kMask, 2}), Segment::draft({3}),
                           Segment::open(2)};
  EXPECT_EQ(length_of(canvas), 6);
  EXPECT_EQ(ids_of(canvas, kMask), (std::vector<int>{kMask, kMask, 2, 3, kMask, kMask}));
  EXPECT_EQ(holes_of(canvas), (std::vector<Range>{{0, 1}, {4, 6}}));
  EXPECT_EQ(length_of({}), 0);
}

TEST(Segments, OfIdsAreOpenWhereTheMaskStands) {
  EXPECT_EQ(with_holes(std::vector<int>{1, 2, kMask, kMask, 3}, kMask),
            (Segments{Segment::given({1, 2}), Segment::open(2), Segment::given({3})}));
  EXPECT_EQ(with_holes(std::vector<int>{kMask}, kMask), Segments{Segment::open(1)});
  EXPECT_TRUE(with_holes({}, kMask).empty());
}

}  // namespace
}  // namespace unmask
