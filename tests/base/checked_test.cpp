#include "base/checked.h"

#include <gtest/gtest.h>

#include <limits>

namespace unmask {
namespace {

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

TEST(Checked, AddsUpToTheLargestNumber) {
  EXPECT_EQ(checked_add(kLargest - 1, 1), kLargest);
  EXPECT_EQ(checked_add(kLargest, 1), std::nullopt);
}

TEST(Checked, MultipliesUpToTheLargestNumber) {
  EXPECT_EQ(checked_multiply(kLargest, 1), kLargest);
  EXPECT_EQ(checked_multiply(kLargest, 0), 0U);
  EXPECT_EQ(checked_multiply(std::uint64_t{1} << 32, std::uint64_t{1} << 32), std::nullopt);
}

}  // namespace
}  // namespace unmask
