#include "base/philox.h"

#include <gtest/gtest.h>

namespace unmask {
namespace {

// The published answers: file kat_vectors of the Random123 library, lines "philox4x32 10".
TEST(Philox, AgreesWithTheKnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, UnitIntervalExcludesOne) {
  EXPECT_EQ(unit_interval(0, 0), 0.0);
  EXPECT_EQ(unit_interval(0x80000000, 0), 0.5);
  EXPECT_EQ(unit_interval(0, 1U << 11), 0x1.0p-53);
  EXPECT_EQ(unit_interval(0xffffffff, 0xffffffff), 1.0 - 0x1.0p-53);
}

TEST(Philox, UniformIsTheFirstTwoWordsUnderTheSeed) {
  const std::uint64_t seed = std::uint64_t{0x299f31d0} << 32 | 0xa4093822;
  EXPECT_EQ(philox_uniform(seed, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
            unit_interval(0xd16cfe09, 0x94fdcceb));
}

TEST(Philox, UniformDependsOnEveryPartOfItsArguments) {
  const double base = philox_uniform(7, {1, 2, 3, 4});
  EXPECT_NE(philox_uniform(8, {1, 2, 3, 4}), base);
  EXPECT_NE(philox_uniform(7 | std::uint64_t{1} << 32, {1, 2, 3, 4}), base);
  for (std::size_t word = 0; word < 4; ++word) {
    PhiloxCounter counter{1, 2, 3, 4};
    ++counter[word];
    EXPECT_NE(philox_uniform(7, counter), base) << "word " << word;
  }
}

TEST(Philox, UniformHasTheMeanAndVarianceOfItsName) {
  constexpr std::uint32_t kDraws = 100'000;
  double sum = 0;
  double squares = 0;
  for (std::uint32_t i = 0; i < kDraws; ++i) {
    const double draw = philox_uniform(1, {i, 0, 0, 0});
    sum += draw;
    squares += draw * draw;
  }
  const double mean = sum / kDraws;
  EXPECT_NEAR(mean, 0.5, 0.005);  // five standard errors
  EXPECT_NEAR(squares / kDraws - mean * mean, 1.0 / 12, 0.002);
}

}  // namespace
}  // namespace unmask
