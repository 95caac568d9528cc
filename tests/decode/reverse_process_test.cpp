// The one-step distributions and per-step tables of MDLM, ReMDM and BD3-LM.
#include "rules/reverse_process.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "decode/clean_prediction.h"
#include "rules/cards.h"
#include "support/fixture.h"

namespace unmask {
namespace {

using testing::first_difference;
using testing::Fixture;

/// Keeps the weights of each draw instead of drawing.
class RecordedWeights : public Noise {
 public:
  double uniform(Purpose, int, int) override { throw std::logic_error("not a draw"); }
  void uniforms(Purpose, int, int, std::span<double>) override {
    throw std::logic_error("not a draw");
  }
  int draw(int, int position, const Choice& choice) override {
    for (std::size_t i = 0; i < choice.ids.size(); ++i) {
      of[position][choice.ids[i]] += choice.scale * choice.shares[i];
    }
    of[position][choice.other] += choice.other_weight;
    return choice.other;
  }
  std::map<int, std::map<int, double>> of;  // weight by position and id
};

DecodeOptions sampling() {
  DecodeOptions options;
  set_option(options, "commit", "ancestral");
  set_option(options, "schedule", "linear:1e-5");
  options.temperature = 1;
  return options;
}

/// The options of a case by its name; none for those that we do not have.
std::optional<DecodeOptions> options_of(const Json& test_case, const std::string& name) {
  DecodeOptions options = sampling();
  options.top_p = test_case.value("nucleus_p", 1.0);
  if (name == "mdlm.ddpm") set_option(options, "schedule", "loglinear");
  if (name == "mdlm.analytic") {
    set_option(options, "schedule", "loglinear");
    set_option(options, "commit", "analytic");
  }
  if (const ReviseCard* revise = find_card<ReviseCard>(name)) {
    options.revise = {revise,
                      {test_case.value("eta", 0.0), test_case.value("t_on", 0.55),
                       test_case.value("t_off", 0.05), test_case.value("alpha_on", 0.9)}};
  }
  if (name == "forward-backward" || name == "dfm") return std::nullopt;
  return options;
}

/// Probability that the settled position is masked again.
double remask_probability(const Transition& move, const Json& confidences, std::size_t position) {
  if (!move.by_confidence) return move.remask;
  std::vector<float> known;
  std::size_t index = 0;
  for (std::size_t i = 0; i < confidences.size(); ++i) {
    if (!confidences[i].is_number()) continue;  // masked: "-inf"
    if (i == position) index = known.size();
    known.push_back(-confidences[i].get<float>());
  }
  return move.remask * remask_shares(known)[index];
}

class OneStep : public ::testing::Test {
 protected:
  /// The weights of every position of a row, [positions, vocab].
  at::Tensor weights(const Json& ids, const DecodeOptions& options, const Transition& move,
                     const Json& confidences) {
    const int mask = model_.facts().mask_id, vocab = model_.facts().vocab;
    const std::vector<int> row = ids;
    std::vector<int> open;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i] == mask) open.push_back(static_cast<int>(i));
    }
    const Request request{.ids = row, .rows = open};
    const at::Tensor logits = model_.predict({&request, 1})[0];
    RecordedWeights recorded;
    CleanPrediction(logits, open, options, TokenMask(options, {vocab, mask}))
        .draw(move.reveal, move.stay, 0, recorded);
    at::Tensor all = at::zeros({static_cast<std::int64_t>(row.size()), vocab}, at::kDouble);
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i] == mask) {
        for (const auto& [id, weight] : recorded.of.at(static_cast<int>(i))) all[i][id] = weight;
      } else {
        const double remask = remask_probability(move, confidences, i);
        all[i][row[i]] = 1 - remask;
        all[i][mask] = remask;
      }
    }
    return all;
  }

  c10::InferenceMode inference_;
  Fixture fixture_{"mdlm"};
  Model model_ = fixture_.load();
};

/// The reference computes a row for settled positions too and then does not use it.
bool copies_settled(const DecodeOptions& options, double t) {
  if (options.commit.name() == "analytic") return false;
  if (options.revise.name() == "remdm-loop") {
    return t > options.revise.values[1] || t <= options.revise.values[2];
  }
  return options.revise.name() == "none";
}

TEST_F(OneStep, DistributionsAreTheReferences) {
  const Json& table = fixture_.cases()["quantities"][0];
  int compared = 0;
  for (const Json& test_case : table["cases"]) {
    const std::string name = test_case["name"];
    if (name.starts_with("mdlm.denoiser")) continue;  // below
    const std::optional<DecodeOptions> options = options_of(test_case, name);
    if (!options) continue;
    const auto t = test_case["t"].get<float>();
    const Transition move = transition(*options, t, t - test_case["dt"].get<float>());
    const at::Tensor golden = fixture_.golden(test_case["probs"]);
    for (std::int64_t row = 0; row < golden.size(0); ++row) {
      const Json& ids = table["x_t"][row];
      const Json confidences =
          test_case.contains("conf_state") ? test_case["conf_state"][row] : Json();
      at::Tensor actual = weights(ids, *options, move, confidences);
      at::Tensor expected = golden[row];
      if (copies_settled(*options, t)) {
        const at::Tensor open = at::tensor(testing::to_ints(ids)).eq(model_.facts().mask_id);
        actual = actual.index({open});
        expected = expected.index({open});
      }
      EXPECT_EQ(first_difference(actual, expected, 1e-6, 1e-5), "") << test_case << " row " << row;
    }
    ++compared;
  }
  EXPECT_EQ(compared, 26);
}

TEST_F(OneStep, TheAnalyticSamplersLastStepDrawsFromThePrediction) {
  const Json& table = fixture_.cases()["quantities"][0];
  const at::Tensor golden = fixture_.golden("q.denoiser");
  for (std::int64_t row = 0; row < golden.size(0); ++row) {
    const at::Tensor actual =
        weights(table["x_t"][row], sampling(), {.reveal = 1, .stay = 0}, Json());
    // Not normalised there.
    const at::Tensor expected = golden[row] / golden[row].sum(-1, true);
    EXPECT_EQ(first_difference(actual, expected, 1e-6, 1e-5), "") << row;
  }
}

TEST_F(OneStep, AWrongEtaShows) {
  const Json& table = fixture_.cases()["quantities"][0];
  DecodeOptions options = sampling();
  set_option(options, "revise", "remdm-cap:0.009");
  const at::Tensor actual =
      weights(table["x_t"][0], options, transition(options, 0.62F, 0.62F - 0.062499375F), Json());
  EXPECT_NE(first_difference(actual, fixture_.golden("q.remdm-cap_0.008_p1.0_t0.62")[0], 1e-6, 0),
            "");
}

TEST(Transition, TablesAreTheReferencesStepByStep) {
  const Fixture fixture("mdlm");
  const Json& first_case = fixture.cases()["quantities"][0];
  int compared = 0;
  for (const Json& table : fixture.cases()["quantities"][1]["cases"]) {
    const std::string sampler = table["sampler"];
    const std::optional<DecodeOptions> options = options_of(table, sampler);
    if (!options) continue;
    const int steps = table["steps"];
    const std::vector<float> times = process_times(*options, steps);
    ASSERT_EQ(times.size(), steps + 1U);
    const auto duration = static_cast<float>(step_duration(*options, steps));
    EXPECT_FLOAT_EQ(duration, table["dt"].get<float>());
    for (int step = 0; step < steps; ++step) {
      const Json& row = table["rows"][step];
      const std::string where = sampler + ", step " + std::to_string(step);
      EXPECT_EQ(times[step], row[0].get<float>()) << where;
      const Transition move = transition(*options, times[step], times[step] - duration);
      EXPECT_NEAR(move.stay / (move.reveal + move.stay), row[2].get<double>(), 1e-6) << where;
      if (copies_settled(*options, times[step])) {
        EXPECT_EQ(move.remask, 0) << where;
        continue;
      }
      Json confidences;
      for (const Json& row_case : first_case["cases"]) {
        if (row_case.contains("conf_state")) confidences = row_case["conf_state"][0];
      }
      EXPECT_NEAR(remask_probability(move, confidences, 2), row[1].get<double>(), 1e-6) << where;
    }
    ++compared;
  }
  EXPECT_EQ(compared, 5);
}

TEST(Transition, OfBd3lmIsTheReferences) {
  const c10::InferenceMode inference;
  const Fixture fixture("bd3lm");
  const Model model = fixture.load();
  const int mask = model.facts().mask_id, vocab = model.facts().vocab;
  const Json& table = fixture.cases()["quantities"][0];
  const std::vector<int> ids = table["x"][0];
  const std::vector<int> open{9, 10};
  const Request request{.ids = ids, .rows = open, .attention = {.block = 4}};
  const at::Tensor logits = model.predict({&request, 1})[0];
  for (const Json& test_case : table["cases"]) {
    DecodeOptions options = sampling();
    set_option(options, "schedule", "bd3lm");
    options.top_p = test_case["nucleus_p"];
    const auto t = test_case["t"].get<float>();
    const Transition move = transition(options, t, t - test_case["dt"].get<float>());
    RecordedWeights recorded;
    CleanPrediction(logits, open, options, TokenMask(options, {vocab, mask}))
        .draw(move.reveal, move.stay, 0, recorded);
    const at::Tensor golden = fixture.golden(test_case["q_xs"])[0];  // [block, vocab]
    for (const int position : open) {
      const at::Tensor actual = at::zeros({vocab}, at::kDouble);
      for (const auto& [id, weight] : recorded.of.at(position)) actual[id] = weight;
      EXPECT_EQ(first_difference(actual, golden[position - 8], 1e-6, 1e-5), "") << test_case;
    }
  }
}

TEST(Transition, Bd3lmRevealsAllThatIsOpenAtTimeZero) {
  DecodeOptions options = sampling();
  set_option(options, "schedule", "bd3lm");
  const std::vector<float> times = process_times(options, 6);
  ASSERT_EQ(times.size(), 6U);
  EXPECT_EQ(times.back(), 0);
  const Transition last = transition(options, 0, -1.0F / 6);
  EXPECT_EQ(last.reveal, 1);
  EXPECT_EQ(last.stay, 0);
}

TEST(NoiseLevel, IsTheLoglinearNoises) {
  DecodeOptions options = sampling();
  EXPECT_NEAR(noise_level(options, 0.5F), -std::log(1 - 0.999 * 0.5), 1e-12);
  EXPECT_NEAR(noise_level(options, 1), -std::log(1e-3), 1e-9);
  set_option(options, "schedule", "bd3lm");
  EXPECT_NEAR(noise_level(options, 0.5F), -std::log(0.5), 1e-12);
  EXPECT_NEAR(noise_level(options, 1), -std::log(1e-3), 1e-9);  // not infinite
}

}  // namespace
}  // namespace unmask
