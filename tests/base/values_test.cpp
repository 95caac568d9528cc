#include "base/values.h"

#include <gtest/gtest.h>

namespace unmask {
namespace {

TEST(ParseIds, TakesSpacesCommasAndLineBreaks) {
  EXPECT_EQ(parse_ids("--ids", "1 2,3\n\t4, 5"), (std::vector{1, 2, 3, 4, 5}));
  EXPECT_TRUE(parse_ids("--ids", " ").empty());
  EXPECT_THROW(parse_ids("--ids", "2147483648"), Error);
  EXPECT_THROW(parse_ids("--ids", "1.5"), Error);
}

TEST(ParseSize, KnowsBinaryAndDecimalUnits) {
  EXPECT_EQ(parse_size("--max-input", "10"), 10u);
  EXPECT_EQ(parse_size("--max-input", "2K"), 2048u);
  EXPECT_EQ(parse_size("--max-input", "2MB"), 2000000u);
  EXPECT_EQ(parse_size("--max-input", "1GiB"), 1u << 30);
  EXPECT_THROW(parse_size("--max-input", "99999999999GiB"), Error);
  EXPECT_THROW(parse_size("--max-input", "-1"), Error);
}

TEST(Format, WritesNumbersForPeople) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_size(512), "512 B");
  EXPECT_EQ(format_size(1536), "1.5 KiB");
  EXPECT_EQ(one_digit(0.25), "0.2");
  EXPECT_EQ(one_digit(41), "41.0");
}

}  // namespace
}  // namespace unmask
