// Routing, by hand-made scores.
#include "model/experts.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/fixture.h"

namespace unmask {
namespace {

using testing::first_difference;

at::Tensor row(std::vector<float> values) { return at::tensor(values).unsqueeze(0); }

std::vector<std::int64_t> chosen(const Routing& routing) {
  const at::Tensor ids = std::get<0>(routing.experts.flatten().sort());
  return {ids.data_ptr<std::int64_t>(), ids.data_ptr<std::int64_t>() + ids.numel()};
}

TEST(Routing, SoftmaxWeightsAreNotScaledToOneUnlessAsked) {
  ExpertsSpec spec{.count = 4, .per_token = 2};
  const at::Tensor scores = row({1, 3, 2, 0});
  const Routing plain = route(spec, scores, std::nullopt);
  EXPECT_EQ(chosen(plain), (std::vector<std::int64_t>{1, 2}));
  EXPECT_NEAR(plain.weights.sum().item<double>(), 0.881, 1e-3);
  spec.renormalize = true;
  EXPECT_NEAR(route(spec, scores, std::nullopt).weights.sum().item<double>(), 1, 1e-6);
}

TEST(Routing, ABiasChoosesAndOnlyWhereAskedWeighs) {
  ExpertsSpec spec{.count = 4, .per_token = 1, .bias = true};
  const at::Tensor scores = row({1, 3, 2, 0}), bias = at::tensor({0.F, 0.F, 0.F, 5.F});
  const Routing unbiased_mix = route(spec, scores, bias);
  EXPECT_EQ(chosen(unbiased_mix), (std::vector<std::int64_t>{3}));
  EXPECT_NEAR(unbiased_mix.weights.item<double>(), 0.0321, 1e-3);
  spec.biased_mix = true;
  EXPECT_NEAR(route(spec, scores, bias).weights.item<double>(), 5.0321, 1e-3);
}

TEST(Routing, GroupsAreRankedByTheirTwoBest) {
  // The single best expert is alone in its group; the other group's two best are stronger together.
  ExpertsSpec spec{
      .count = 4, .per_token = 1, .router = Router::sigmoid_groups, .groups = 2, .top_groups = 1};
  const at::Tensor scores = row({2, -9, 1, 1});
  const std::vector<std::int64_t> best = chosen(route(spec, scores, std::nullopt));
  EXPECT_TRUE(best[0] == 2 || best[0] == 3);
  spec.top_groups = 2;
  EXPECT_EQ(chosen(route(spec, scores, std::nullopt)), (std::vector<std::int64_t>{0}));
}

TEST(Routing, SigmoidWeightsAreScaled) {
  const ExpertsSpec spec{.count = 4,
                         .per_token = 2,
                         .router = Router::sigmoid_groups,
                         .renormalize = true,
                         .scale = 2.5};
  const Routing routing = route(spec, row({2, 1, 0, -1}), std::nullopt);
  EXPECT_NEAR(routing.weights.sum().item<double>(), 2.5, 1e-6);
}

}  // namespace
}  // namespace unmask
