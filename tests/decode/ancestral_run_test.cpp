// Whole runs of MDLM's, ReMDM's and BD3-LM's samplers, with the uniform numbers of the references.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "decode/loop.h"
#include "decode/replayed_noise.h"
#include "decode/request_list.h"
#include "rules/cards.h"
#include "rules/rule.h"
#include "support/fixture.h"
#include "unmask/error.h"

namespace unmask {
namespace {

using testing::Fixture;
using testing::ReplayedRace;
using testing::to_ints;
using Ids = std::vector<int>;

class AncestralRule : public ::testing::Test {
  c10::InferenceMode inference_;
};

class States : public Events {
 public:
  void on_step(const StepEvent& event) override {
    states.emplace_back(event.canvas.begin(), event.canvas.end());
    EXPECT_LT(event.step, event.steps);
    revised += static_cast<int>(event.revised.size());
  }
  std::vector<Ids> states;
  int revised = 0;
};

DecodeOptions sampling(int length, int steps) {
  DecodeOptions options;
  options.length = length;
  options.steps = steps;
  set_option(options, "commit", "ancestral");
  set_option(options, "schedule", "linear:1e-5");
  options.temperature = 1;
  options.early_stop = false;
  return options;
}

/// BD3-LM's, in blocks of 4.
DecodeOptions semi_autoregressive(int length, int steps) {
  DecodeOptions options = sampling(length, steps);
  set_option(options, "schedule", "bd3lm");
  options.steps_per = StepsPer::block;
  options.block = 4;
  options.grid = BlockGrid::absolute;
  options.attention = AttentionKind::block;
  return options;
}

Generation run(const Model& model, const GenerationRequest& request, std::unique_ptr<Noise> noise,
               Events* events = nullptr) {
  RequestList list({&request, 1});
  decode(model, list, {}, events, [&](const auto&) { return std::move(noise); });
  return list.results().front();
}

DecodeOptions options_of(const Json& test_case) {
  DecodeOptions options = sampling(test_case["length"], test_case["steps"]);
  const Json& params = test_case["sampling"];
  options.top_p = params["nucleus_p"];
  if (params["predictor"] != "ddpm_cache") set_option(options, "schedule", "loglinear");
  if (params["predictor"] == "analytic") set_option(options, "commit", "analytic");
  const std::string sampler = params.value("sampler", "mdlm");
  if (sampler == "mdlm") return options;
  options.revise = {find_card<ReviseCard>(sampler),
                    {params.value("eta", 0.0), params.value("t_on", 0.55),
                     params.value("t_off", 0.05), params.value("alpha_on", 0.9)}};
  return options;
}

/// The states of one row that differ from the one before.
std::vector<Ids> golden_states(const Json& trajectory, std::size_t row, int mask) {
  std::vector<Ids> states{Ids(trajectory[0][row].size(), mask)};
  for (const Json& step : trajectory) {
    if (Ids ids = step[row]; ids != states.back()) states.push_back(std::move(ids));
  }
  states.erase(states.begin());
  return states;
}

TEST_F(AncestralRule, WithTheReferencesNoiseIsTheReferences) {
  const Fixture fixture("mdlm");
  const Model model = fixture.load();
  const at::Tensor uniforms = fixture.golden("driven.uniforms");  // [calls, rows, positions, vocab]
  int compared = 0;
  for (const Json& test_case : fixture.cases()["generate"]) {
    const auto precision = test_case["source"] == "mdlm" ? at::kFloat : at::kDouble;
    for (int row = 0; row < test_case["batch"].get<int>(); ++row) {
      SCOPED_TRACE(test_case["name"].get<std::string>() + ", row " + std::to_string(row));
      GenerationRequest request;
      request.options = options_of(test_case);
      States seen;
      const Generation result =
          run(model, request, std::make_unique<ReplayedRace>(uniforms.select(1, row), precision),
              &seen);
      EXPECT_EQ(seen.states,
                golden_states(test_case["trajectory_after_each_step"], row, model.facts().mask_id));
      EXPECT_EQ(result.canvas, to_ints(test_case["expected"][row]));
      EXPECT_LE(result.forwards, test_case["steps"].get<int>() + 1);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 16);
}

TEST_F(AncestralRule, AStepThatChangesNothingCostsNoForwardPass) {
  const Fixture fixture("mdlm");
  const Model model = fixture.load();
  GenerationRequest request;
  request.options = sampling(12, 500);
  const auto run_it = [&] { return run(model, request, std::make_unique<SeededNoise>(3)); };
  const Generation reused = run_it();
  EXPECT_LE(reused.forwards, 12 + 1);
  EXPECT_GT(reused.steps, 12);
  EXPECT_LT(reused.steps, 501) << "the last one that did something, not how many there may be";
  // A network that is told the noise level has to be asked in every step.
  request.options.noise_conditioned = true;
  const Generation asked = run_it();
  EXPECT_GT(asked.forwards, 100);
  EXPECT_EQ(asked.canvas, reused.canvas);  // this one is not told, so it says the same
}

TEST_F(AncestralRule, GivenTextIsNeverMaskedAgain) {
  const Fixture fixture("mdlm");
  const Model model = fixture.load();
  const int mask = model.facts().mask_id;
  GenerationRequest request;
  request.canvas = with_holes(std::vector<int>{5, 6, mask, 7}, mask);
  request.options = sampling(8, 40);
  set_option(request.options, "revise", "remdm-rescale:1");
  States seen;
  const Generation result = run(model, request, std::make_unique<SeededNoise>(1), &seen);
  EXPECT_GT(seen.revised, 10);
  for (const Ids& state : seen.states) {
    EXPECT_EQ(Ids(state.begin(), state.begin() + 2), (Ids{5, 6}));
    EXPECT_EQ(state[3], 7);
  }
  EXPECT_EQ(std::count(result.canvas.begin(), result.canvas.end(), mask), 0);
}

TEST_F(AncestralRule, AtTemperatureZeroEveryTokenIsTheBestWhenItIsWritten) {
  const Fixture fixture("mdlm");
  const Model model = fixture.load();
  class BestToken : public Events {
   public:
    BestToken(const Model& model, Ids start) : model_(model), before_(std::move(start)) {}
    void on_step(const StepEvent& event) override {
      std::vector<int> rows(event.committed.begin(), event.committed.end());
      const Request request{.ids = before_, .rows = rows};
      at::Tensor logits = model_.predict({&request, 1})[0].clone();
      logits.select(-1, model_.facts().mask_id).fill_(-1e9);
      const at::Tensor best = logits.argmax(-1);
      for (std::size_t i = 0; i < rows.size(); ++i, ++written) {
        EXPECT_EQ(event.canvas[rows[i]], best[i].item<int>());
      }
      before_.assign(event.canvas.begin(), event.canvas.end());
    }
    int written = 0;

   private:
    const Model& model_;
    Ids before_;
  } events(model, Ids(12, model.facts().mask_id));
  GenerationRequest request;
  request.options = sampling(12, 30);
  request.options.temperature = 0;
  run(model, request, std::make_unique<SeededNoise>(5), &events);
  EXPECT_EQ(events.written, 12);
}

TEST_F(AncestralRule, Bd3lmWithTheReferencesNoiseIsTheReferencesWithAndWithoutCache) {
  const Fixture fixture("bd3lm");
  const Model model = fixture.load();
  const Json& test_case = fixture.cases()["generate"][0];
  const int mask = model.facts().mask_id;
  Ids start(test_case["expected"].size(), mask);
  start[0] = test_case["bos"];
  std::vector<Ids> golden{start};
  for (Ids state : test_case["trajectory_after_each_step"]) {
    state.resize(start.size(), mask);  // there it grows block by block
    if (golden.back() != state) golden.push_back(state);
  }
  golden.erase(golden.begin());
  for (const char* cache : {"none", "block"}) {
    GenerationRequest request;
    request.canvas = {Segment::given({test_case["bos"].get<int>()})};
    request.options = semi_autoregressive(11, test_case["steps_per_block"]);
    set_option(request.options, "cache", cache);
    States seen;
    const Generation result = run(
        model, request,
        std::make_unique<ReplayedRace>(fixture.golden("driven.uniforms").select(1, 0), at::kDouble),
        &seen);
    EXPECT_EQ(result.canvas, to_ints(test_case["expected"]));
    EXPECT_EQ(seen.states, golden);
    EXPECT_LE(result.forwards, test_case["calls"].get<int>());
  }
}

TEST_F(AncestralRule, Bd3lmLeavesNothingOpenWhateverTheStepsAre) {
  // Twice as long as the window, too.
  const Fixture fixture("bd3lm");
  const Model model = fixture.load();
  ASSERT_EQ(model.facts().window, 32);
  const int mask = model.facts().mask_id;
  for (const int steps : {1, 2, 3}) {
    std::vector<Ids> canvases;
    for (const char* cache : {"none", "block"}) {
      GenerationRequest request;
      request.canvas = {Segment::given({256})};
      request.options = semi_autoregressive(63, steps);
      set_option(request.options, "cache", cache);
      const Generation result = run(model, request, std::make_unique<SeededNoise>(2));
      EXPECT_EQ(std::count(result.canvas.begin(), result.canvas.end(), mask), 0);
      EXPECT_LE(result.forwards, 16 * steps);
      canvases.push_back(result.canvas);
      canvases.back().resize(
          32);  // beyond, the cache has keys of tokens that saw more than the window
    }
    EXPECT_EQ(canvases[0], canvases[1]);
  }
}

TEST_F(AncestralRule, StopsAfterABlockWithAnEndToken) {
  const Fixture fixture("bd3lm");
  const Model model = fixture.load();
  const int mask = model.facts().mask_id;
  GenerationRequest request;
  request.canvas = {Segment::given({256})};
  request.options = semi_autoregressive(15, 4);
  const Ids all = run(model, request, std::make_unique<SeededNoise>(2)).canvas;
  request.options.stop_after_block = true;
  request.options.end_ids = {all[5]};  // of the second block, if not of the first
  const Ids stopped = run(model, request, std::make_unique<SeededNoise>(2)).canvas;
  EXPECT_EQ(std::count(stopped.begin(), stopped.begin() + 4, mask), 0);
  EXPECT_EQ(std::count(stopped.begin() + 8, stopped.end(), mask), 8);
}

TEST_F(AncestralRule, TogetherIsAsOneByOne) {
  // Of a batch, each has its own steps without a forward pass.
  const Fixture fixture("mdlm");
  const Model model = fixture.load();
  std::vector<GenerationRequest> requests(3);
  requests[0].options = sampling(9, 100);
  requests[1].options = sampling(5, 7);
  set_option(requests[1].options, "revise", "remdm-conf");
  requests[2].canvas = {Segment::given({3, 4})};
  requests[2].options = sampling(20, 40);
  set_option(requests[2].options, "revise", "remdm-loop:0.1");
  for (std::size_t i = 0; i < requests.size(); ++i) requests[i].seed = i;
  RequestList together(requests);
  decode(model, together, {}, nullptr);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Generation alone = run(model, requests[i], std::make_unique<SeededNoise>(i));
    EXPECT_EQ(together.results()[i].canvas, alone.canvas);
    EXPECT_EQ(together.results()[i].forwards, alone.forwards);
  }
}

}  // namespace
}  // namespace unmask
