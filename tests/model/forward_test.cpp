// Logits and hidden states of every dense family against the reference implementation's.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <numeric>

#include "support/fixture.h"

namespace unmask {
namespace {

using testing::first_difference;
using testing::Fixture;
using testing::to_ints;

class Forward : public ::testing::TestWithParam<std::string> {
  c10::InferenceMode inference_;
};

/// The rows of one forward case, as requests. Padding has position -1; the others have those of the
/// case, or their index in the padded row.
struct CaseRows {
  std::vector<std::vector<int>> ids, positions, real;
  std::vector<Request> requests;
};

CaseRows rows_of(const Json& test_case) {
  CaseRows rows;
  for (std::size_t row = 0; row < test_case["input_ids"].size(); ++row) {
    rows.ids.push_back(to_ints(test_case["input_ids"][row]));
    std::vector<int> positions(rows.ids.back().size());
    std::iota(positions.begin(), positions.end(), 0);
    if (test_case.contains("position_ids")) positions = to_ints(test_case["position_ids"][row]);
    std::vector<int> real;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      if (!test_case["attention_mask"].is_null() && test_case["attention_mask"][row][i] == 0) {
        positions[i] = -1;
      } else {
        real.push_back(static_cast<int>(i));
      }
    }
    rows.positions.push_back(positions);
    rows.real.push_back(real);
  }
  for (std::size_t row = 0; row < rows.ids.size(); ++row) {
    rows.requests.push_back({rows.ids[row], rows.positions[row], rows.real[row], {}});
  }
  return rows;
}

void expect_logits(const Model& model, const Json& test_case, const at::Tensor& golden, double atol,
                   double rtol) {
  const CaseRows rows = rows_of(test_case);
  const std::vector<at::Tensor> logits = model.predict(rows.requests);
  for (std::size_t row = 0; row < logits.size(); ++row) {
    const at::Tensor expected = golden[static_cast<std::int64_t>(row)].index_select(
        0, at::tensor(rows.real[row], at::kInt));
    EXPECT_EQ(first_difference(logits[row], expected, atol, rtol), "")
        << test_case["name"] << ", row " << row;
  }
}

TEST_P(Forward, LogitsAreTheReferences) {
  const Fixture fixture(GetParam());
  const Model model = fixture.load(ComputeType::f32, /*raw=*/true);
  ASSERT_FALSE(fixture.cases()["forward"].empty());
  for (const Json& test_case : fixture.cases()["forward"]) {
    expect_logits(model, test_case, fixture.golden(test_case["logits"]), test_case["atol"],
                  test_case["rtol"]);
  }
}

TEST_P(Forward, HiddenStatesAreTheReferences) {
  const Fixture fixture(GetParam());
  const Model model = fixture.load();
  int compared = 0;
  for (const Json& test_case : fixture.cases()["forward"]) {
    if (!test_case.contains("hidden")) continue;
    const std::vector<int> ids = to_ints(test_case["input_ids"][0]);
    std::vector<at::Tensor> hidden;
    const at::Tensor logits =
        model.raw_logits({.ids = ids, .positions = {}, .rows = {}, .attention = {}}, &hidden);
    EXPECT_EQ(first_difference(logits, fixture.golden(test_case["logits"])[0], test_case["atol"],
                               test_case["rtol"]),
              "");
    ASSERT_EQ(hidden.size(), test_case["hidden"].size());
    for (std::size_t i = 0; i < hidden.size(); ++i) {
      const std::string name = test_case["hidden"][i];
      EXPECT_EQ(first_difference(hidden[i], fixture.golden(name)[0], test_case["atol"],
                                 test_case["rtol"]),
                "")
          << name;
      ++compared;
    }
  }
  EXPECT_GT(compared, 0);
}

TEST_P(Forward, ShiftedRowsAreTheLogitsOfThePositionBefore) {
  const Fixture fixture(GetParam());
  const Model model = fixture.load();
  const std::vector<int> ids{5, 6, 7, 8};
  const std::vector<int> rows{0, 2, 3};
  const at::Tensor raw =
      model.raw_logits({.ids = ids, .positions = {}, .rows = {}, .attention = {}});
  const Request request{ids, {}, rows, {}};
  const at::Tensor predicted = model.predict({&request, 1})[0];
  const bool shift = fixture.facts().logit_shift;
  const std::vector<int> sources = shift ? std::vector<int>{0, 1, 2} : rows;
  EXPECT_EQ(
      first_difference(predicted, raw.index_select(0, at::tensor(sources, at::kInt)), 1e-5, 0), "");
}

INSTANTIATE_TEST_SUITE_P(Families, Forward,
                         ::testing::Values("llada", "llada_tied", "llada_bf16", "dream",
                                           "dream_tied"),
                         [](const auto& info) { return info.param; });

TEST(ForwardBfloat16, StaysWithinTheNoiseOfTheReference) {
  const c10::InferenceMode inference;
  const Fixture fixture("llada_bf16");
  const Model model = fixture.load(ComputeType::bf16);
  for (const Json& test_case : fixture.cases()["forward"]) {
    // The fixture's advice: three times the reference's own distance between bfloat16 and float32.
    const double noise = test_case["bf16_vs_f32_max_abs_diff"];
    expect_logits(model, test_case, fixture.golden(test_case["logits_bf16_compute"]), 3 * noise, 0);
  }
}

TEST(ForwardBlockCausal, LaterBlocksDoNotReachEarlierOnes) {
  const c10::InferenceMode inference;
  const Model model = Fixture("llada").load();
  const std::vector<int> ids{10, 11, 12, 13, 14, 15}, changed{10, 11, 12, 13, 99, 98};
  const Attention blocks{.block = 2};
  const at::Tensor a =
      model.raw_logits({.ids = ids, .positions = {}, .rows = {}, .attention = blocks});
  const at::Tensor b =
      model.raw_logits({.ids = changed, .positions = {}, .rows = {}, .attention = blocks});
  EXPECT_EQ(first_difference(a.slice(0, 0, 4), b.slice(0, 0, 4), 1e-6, 0), "");
  EXPECT_NE(first_difference(a.slice(0, 4), b.slice(0, 4), 1e-2, 0), "");
  // Within a block everything sees everything.
  const std::vector<int> second{10, 11, 12, 77, 14, 15};
  const at::Tensor c =
      model.raw_logits({.ids = second, .positions = {}, .rows = {}, .attention = blocks});
  EXPECT_NE(first_difference(a.slice(0, 2, 3), c.slice(0, 2, 3), 1e-2, 0), "");
}

}  // namespace
}  // namespace unmask
