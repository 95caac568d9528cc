#include "rules/noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
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

TEST(SeededNoise, DrawsInProportionToTheWeights) {
  SeededNoise noise(5);
  const std::vector<int> ids{7, 3, 9, 4};
  const std::vector<float> shares{0.25F, 0, 0.75F, 0};
  std::map<int, int> drawn;
  for (int position = 0; position < 20000; ++position) {
    ++drawn[noise.draw(0, position, {ids, shares, /*scale=*/2, /*other=*/8, /*other_weight=*/0.5})];
  }
  EXPECT_EQ(drawn.size(), 3U);
  EXPECT_NEAR(drawn[7], 4000, 250);
  EXPECT_NEAR(drawn[9], 12000, 250);
  EXPECT_NEAR(drawn[8], 4000, 250);
}

TEST(SeededNoise, NeverDrawsWhatHasNoWeight) {
  // The smallest number, and one next to 1, which rounding may carry beyond the sum.
  class Fixed : public SeededNoise {
   public:
    explicit Fixed(double number) : SeededNoise(0), number_(number) {}
    double uniform(Purpose, int, int) override { return number_; }

   private:
    double number_;
  } least(0), most(std::nextafter(1.0, 0.0));
  const std::vector<int> ids{1, 2, 3};
  const std::vector<float> shares{0, 0.99999F, 0};
  for (Fixed* noise : {&least, &most}) EXPECT_EQ(noise->draw(0, 0, {ids, shares, 1, 8, 0}), 2);
  EXPECT_EQ(least.draw(0, 0, {ids, shares, 0, 8, 1}), 8);
  EXPECT_EQ(most.draw(0, 0, {ids, shares, 0, 8, 1}), 8);
}

}  // namespace
}  // namespace unmask
