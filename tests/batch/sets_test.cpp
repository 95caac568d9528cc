// The containers of a batch: sets of lines and of ids, and the order of results.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "batch/id_set.h"
#include "batch/line_set.h"
#include "batch/reorder.h"

namespace unmask {
namespace {

TEST(LineSet, HoldsNearAndFarLines) {
  LineSet lines;
  const std::uint64_t last = ~std::uint64_t{0};
  for (const std::uint64_t line : {1ul, 63ul, 64ul, 4095ul, 4096ul, last}) {
    EXPECT_FALSE(lines.contains(line));
    lines.add(line);
    lines.add(line);
    EXPECT_TRUE(lines.contains(line));
    EXPECT_FALSE(lines.contains(line - 2));
  }
  EXPECT_EQ(lines.size(), 6u);
  lines.remove(64);
  lines.remove(65);
  EXPECT_FALSE(lines.contains(64));
  EXPECT_TRUE(lines.contains(63));
  EXPECT_EQ(lines.size(), 5u);
}

TEST(IdSet, SaysWhichIdComesTwice) {
  IdSet ids;
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(ids.insert("id-" + std::to_string(i))) << i;
  for (int i = 0; i < 10'000; ++i) ASSERT_FALSE(ids.insert("id-" + std::to_string(i))) << i;
  EXPECT_TRUE(ids.insert(""));
  EXPECT_FALSE(ids.insert(""));
  EXPECT_EQ(ids.size(), 10'001u);
}

TEST(Reorder, LetsResultsLeaveInTheOrderInWhichTheyWereBegun) {
  Reorder<std::string> reorder(3);
  const auto a = reorder.begin();
  const auto b = reorder.begin();
  const auto c = reorder.begin();
  EXPECT_FALSE(reorder.has_room());
  reorder.put(c, "c");
  reorder.put(b, "b");
  EXPECT_FALSE(reorder.next());
  EXPECT_FALSE(reorder.has_room());
  reorder.put(a, "a");
  EXPECT_EQ(reorder.next(), "a");
  EXPECT_TRUE(reorder.has_room());
  const auto d = reorder.begin();
  EXPECT_EQ(d, 3u);
  EXPECT_EQ(reorder.next(), "b");
  EXPECT_EQ(reorder.next(), "c");
  EXPECT_FALSE(reorder.next());
  reorder.put(d, "d");
  EXPECT_EQ(reorder.next(), "d");
}

TEST(Reorder, TakesWhatCanOnlyBeMoved) {
  Reorder<std::unique_ptr<int>> reorder(1);
  reorder.put(reorder.begin(), std::make_unique<int>(7));
  EXPECT_EQ(**reorder.next(), 7);
}

}  // namespace
}  // namespace unmask
