#include "decode/noise.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace unmask {
namespace {

TEST(SeededNoise, DependsOnEveryPartOfItsKeyAndOnNothingElse) {
  SeededNoise noise(1), same(1), other(2);
  (void)same.uniform(Purpose::token, 9, 9);
  EXPECT_EQ(noise.uniform(Purpose::order, 3, 4), same.uniform(Purpose::order, 3, 4));
  const std::set<double> values{
      noise.uniform(Purpose::order, 3, 4), other.uniform(Purpose::order, 3, 4),
      noise.uniform(Purpose::token, 3, 4), noise.uniform(Purpose::order, 4, 4),
      noise.uniform(Purpose::order, 3, 5), noise.uniform(Purpose::transfer, 3, 4)};
  EXPECT_EQ(values.size(), 6U);
}

TEST(SeededNoise, NumbersOfAVocabularyAreUniformAndDifferent) {
  SeededNoise noise(3);
  std::vector<double> numbers(100001);
  noise.uniforms(Purpose::token, 0, 0, numbers);
  double sum = 0;
  for (const double number : numbers) {
    EXPECT_GE(number, 0);
    EXPECT_LT(number, 1);
    sum += number;
  }
  EXPECT_NEAR(sum / static_cast<double>(numbers.size()), 0.5, 0.01);
  EXPECT_GT(std::set<double>(numbers.begin(), numbers.end()).size(), 100000U - 2);
}

}  // namespace
}  // namespace unmask
