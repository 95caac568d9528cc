#include "decode/prediction.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "decode/torch_distributions.h"
#include "support/fixture.h"
#include "unmask/error.h"

namespace unmask {
namespace {

using testing::first_difference;
using testing::Fixture;

std::vector<int> iota(std::int64_t count) {
  std::vector<int> positions(count);
  std::iota(positions.begin(), positions.end(), 0);
  return positions;
}

at::Tensor rows(const std::vector<std::vector<float>>& values) {
  std::vector<at::Tensor> tensors;
  for (const auto& row : values) tensors.push_back(at::tensor(row));
  return at::stack(tensors);
}

Prediction predict(const at::Tensor& logits, const DecodeOptions& options,
                   Vocabulary vocabulary = {}, Needs needs = {}) {
  SeededNoise noise(1);
  const int vocab = static_cast<int>(logits.size(-1));
  if (vocabulary.size == 0) vocabulary = {vocab, /*mask_id=*/vocab};
  const TokenMask mask(options, vocabulary);
  const TorchDistributions said(logits, iota(logits.size(0)), mask, needs, /*step=*/3);
  return said.predict(options, /*step=*/3, noise);
}

TEST(GumbelScores, AreTheReferences) {
  const Fixture fixture("llada");
  const Json& table = fixture.cases()["tables"]["sampling"];
  const at::Tensor logits = fixture.golden(table["logits"]);
  int compared = 0;
  for (const Json& test_case : table["cases"]) {
    ASSERT_EQ(test_case["kind"], "gumbel");
    const at::Tensor scores =
        gumbel_scores(logits, test_case["temperature"], fixture.golden(test_case["noise"]));
    EXPECT_EQ(first_difference(scores.exp(), fixture.golden(test_case["noisy"]), 1e-9, 1e-9), "");
    const at::Tensor best = scores.argmax(-1).to(at::kInt);
    EXPECT_TRUE(best.equal(at::tensor(testing::to_ints(test_case["argmax"]), at::kInt)));
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

TEST(FilteredProbabilities, AreDreams) {
  const Fixture fixture("dream");
  const Json& table = fixture.cases()["tables"]["sampling"];
  const at::Tensor logits = fixture.golden(table["logits"]);
  for (const Json& test_case : table["cases"]) {
    DecodeOptions options;
    options.temperature = test_case["temperature"];
    if (!test_case["top_p"].is_null()) options.top_p = test_case["top_p"];
    if (!test_case["top_k"].is_null()) options.top_k = test_case["top_k"];
    EXPECT_EQ(first_difference(filtered_probabilities(logits, options),
                               fixture.golden(test_case["probs"]), 1e-6, 1e-5),
              "")
        << test_case;
  }
}

/// Options of a case of a `sampling_distribution`.
DecodeOptions sampling_options(const Json& test_case, bool top_k_first) {
  DecodeOptions options;
  options.top_k_first = top_k_first;
  options.temperature = test_case["temperature"];
  const Json top_k = test_case.value("top_k", Json()), top_p = test_case["top_p"];
  if (!top_k.is_null()) options.top_k = top_k;
  if (!top_p.is_null()) options.top_p = top_p;
  if (options.temperature == 0) options.top_p = 1;  // Fast-dLLM v2 filters what it draws from
  return options;
}

/// Rows whose best token alone does not reach top-p: RND1 keeps the second one in any case.
at::Tensor rows_of_two(const at::Tensor& logits, DecodeOptions options) {
  const double top_p = std::exchange(options.top_p, 1);
  return filtered_probabilities(logits, options).amax(-1).le(top_p).nonzero().flatten();
}

TEST(FilteredProbabilities, AreThoseOfEachReference) {
  struct Reference {
    const char* fixture;
    bool top_k_first;
  };
  for (const auto& [name, top_k_first] :
       {Reference{"sdar", true}, {"rnd1", true}, {"fast_dllm_v2", false}}) {
    const Fixture fixture(name);
    const Json& table = fixture.cases()["quantities"][0];
    ASSERT_EQ(table["name"], "sampling_distribution");
    const at::Tensor logits = fixture.golden(table["logits"]).flatten(0, -2);
    for (const Json& test_case : table["cases"]) {
      const DecodeOptions options = sampling_options(test_case, top_k_first);
      at::Tensor ours = filtered_probabilities(logits, options);
      at::Tensor theirs = fixture.golden(test_case["probs"]).flatten(0, -2);
      if (name == std::string("rnd1")) {
        const at::Tensor compared = rows_of_two(logits, options);
        ASSERT_GT(compared.numel(), 0);
        ours = ours.index_select(0, compared);
        theirs = theirs.index_select(0, compared);
      }
      EXPECT_EQ(first_difference(ours, theirs, 1e-6, 1e-5), "") << name << " " << test_case;
    }
  }
}

TEST(FilteredProbabilities, DependOnWhichFilterComesFirst) {
  // 0.5, 0.3, 0.2: of all, top-p 0.6 keeps two; of the best two, renormalised, only one.
  const at::Tensor logits = rows({{std::log(0.5F), std::log(0.3F), std::log(0.2F)}});
  DecodeOptions options;
  options.temperature = 1;
  options.top_k = 2;
  options.top_p = 0.6;
  EXPECT_NEAR(filtered_probabilities(logits, options)[0][0].item<float>(), 0.625F, 1e-6);
  options.top_k_first = true;
  EXPECT_NEAR(filtered_probabilities(logits, options)[0][0].item<float>(), 1.0F, 1e-6);
}

TEST(RankValues, AreDreams) {
  const Fixture fixture("dream");
  const Json& table = fixture.cases()["tables"]["sampling"];
  const Json& greedy = table["cases"][0];
  const at::Tensor logits = fixture.golden(table["logits"]);
  DecodeOptions options;
  options.sampler = Sampler::categorical;
  const std::pair<Order, const char*> orders[] = {{Order::confidence, "maskgit_plus"},
                                                  {Order::margin, "topk_margin"},
                                                  {Order::entropy, "entropy"}};
  for (const auto& [order, key] : orders) {
    options.order = order;
    const Prediction prediction = predict(logits, options);
    EXPECT_EQ(prediction.tokens, testing::to_ints(greedy["x0"]));
    for (std::size_t i = 0; i < prediction.rank.size(); ++i) {
      EXPECT_NEAR(prediction.rank[i], greedy[key][i].get<double>(), 1e-5) << key;
    }
  }
}

TEST(PredictTokens, NeverChoosesTheMaskThoughItIsBest) {
  const at::Tensor logits = rows({{1.0F, 2.0F, 9.0F, 0.0F}});
  const Vocabulary vocabulary{4, /*mask_id=*/2};
  for (const double temperature : {0.0, 1.0}) {
    for (const Sampler sampler : {Sampler::gumbel, Sampler::categorical}) {
      for (const int top_k : {0, 1}) {
        DecodeOptions options;
        options.temperature = temperature;
        options.sampler = sampler;
        options.top_k = top_k;
        const Prediction prediction = predict(logits, options, vocabulary);
        EXPECT_NE(prediction.tokens[0], 2);
        if (temperature == 0) {
          EXPECT_EQ(prediction.tokens[0], 1);
        }
      }
    }
  }
  // How sure the network is of the token is taken over the whole row, the mask included.
  const float all = std::exp(1.0F) + std::exp(2.0F) + std::exp(9.0F) + 1;
  EXPECT_NEAR(predict(logits, {}, vocabulary).confidence[0], std::exp(2.0F) / all, 1e-6);
}

TEST(PredictTokens, NeverChoosesRowsWithoutAToken) {
  const at::Tensor logits = rows({{1.0F, 0.5F, 9.0F, 8.0F}});
  EXPECT_EQ(predict(logits, {}, {/*size=*/2, /*mask_id=*/3}).tokens[0], 0);
}

TEST(PredictTokens, TakesTheLowestIdOfEqualOnes) {
  const at::Tensor logits = at::zeros({2, 50});
  EXPECT_EQ(predict(logits, {}).tokens, (std::vector<int>{0, 0}));
}

TEST(PredictTokens, NoEndForbidsEndTokensAndEndLastRanksThemLowest) {
  const at::Tensor logits = rows({{5.0F, 1.0F, 0.0F}, {0.0F, 1.0F, 0.5F}});
  const Vocabulary vocabulary{3, /*mask_id=*/3};
  DecodeOptions options;
  options.end_ids = {0};
  options.no_end = true;
  EXPECT_EQ(predict(logits, options, vocabulary).tokens, (std::vector<int>{1, 1}));
  options.no_end = false;
  for (const Order order : {Order::confidence, Order::margin, Order::entropy}) {
    options.order = order;
    options.end_last = false;
    Prediction prediction = predict(logits, options, vocabulary);
    EXPECT_EQ(prediction.tokens, (std::vector<int>{0, 1}));
    EXPECT_GT(prediction.rank[0], prediction.rank[1]);
    options.end_last = true;
    prediction = predict(logits, options, vocabulary);
    EXPECT_EQ(prediction.tokens, (std::vector<int>{0, 1}));
    EXPECT_LT(prediction.rank[0], prediction.rank[1]);
  }
}

TEST(PredictTokens, SuppressedTokensAreOutOfTheDistributionOrOnlyLast) {
  const at::Tensor logits = rows({{5.0F, 1.0F, 0.0F}, {0.0F, 1.0F, 0.5F}});
  DecodeOptions options;
  options.suppress = {0};
  Prediction prediction = predict(logits, options);
  EXPECT_EQ(prediction.tokens, (std::vector<int>{1, 1}));
  EXPECT_NEAR(prediction.confidence[0], 1 / (1 + std::exp(-1.0F)), 1e-6);
  options.suppress = {};
  options.suppress_order = {0};
  prediction = predict(logits, options);
  EXPECT_EQ(prediction.tokens, (std::vector<int>{0, 1}));
  EXPECT_EQ(prediction.rank[0], 0);
  EXPECT_GT(prediction.confidence[0], 0.9F);
  options.suppress_order = {0, 1};
  EXPECT_EQ(predict(logits, options).rank, (std::vector<float>{0, 0}));
}

TEST(PredictTokens, TellsEntropiesWhereTheStepNeedsThem) {
  const at::Tensor logits = rows({{0.0F, 0.0F}, {50.0F, 0.0F}});
  EXPECT_TRUE(predict(logits, {}).entropy.empty());
  const Prediction prediction = predict(logits, {}, {}, {.entropy = true});
  ASSERT_EQ(prediction.entropy.size(), 2U);
  EXPECT_NEAR(prediction.entropy[0], std::log(2.0F), 1e-6);
  EXPECT_NEAR(prediction.entropy[1], 0, 1e-6);
}

TEST(PredictTokens, RefusesLogitsThatAreNotFinite) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad : {std::nanf(""), infinity}) {
    const at::Tensor logits = rows({{1.0F, 2.0F}, {0.0F, bad}});
    try {
      predict(logits, {});
      FAIL() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::failure);
      EXPECT_STREQ(error.what(), "non-finite logits at step 3, position 1");
    }
  }
  EXPECT_THROW(predict(at::full({1, 3}, -infinity), {}), Error);
  EXPECT_EQ(predict(rows({{-infinity, 1.0F}}), {}).tokens[0], 1);
}

TEST(PredictTokens, TakesAnyTemperature) {
  const at::Tensor logits = rows({{300.0F, -300.0F, 299.0F}});
  for (const Sampler sampler : {Sampler::gumbel, Sampler::categorical}) {
    for (const double temperature : {1e-320, 1e-30, 1e-3}) {
      DecodeOptions options;
      options.temperature = temperature;
      options.sampler = sampler;
      EXPECT_EQ(predict(logits, options).tokens[0], 0) << temperature;
      options.temperature = 1e6;
      EXPECT_TRUE(std::isfinite(predict(logits, options).rank[0]));
    }
  }
}

TEST(PredictTokens, DrawsWithTheProbabilitiesOfTheDistribution) {
  const std::vector<double> expected{0.5, 0.3, 0.2};
  const at::Tensor row = at::tensor({std::log(0.5F), std::log(0.3F), std::log(0.2F)});
  const at::Tensor logits = row.expand({20000, 3}).contiguous();
  for (const Sampler sampler : {Sampler::gumbel, Sampler::categorical}) {
    DecodeOptions options;
    options.temperature = 1;
    options.sampler = sampler;
    std::vector<double> share(3);
    for (const int token : predict(logits, options).tokens) share[token] += 1.0 / 20000;
    for (int i = 0; i < 3; ++i) EXPECT_NEAR(share[i], expected[i], 0.015);
  }
}

}  // namespace
}  // namespace unmask
