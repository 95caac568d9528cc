// Every denoising trajectory of the references, step by step.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "decode/loop.h"
#include "decode/replayed_noise.h"
#include "support/fixture.h"

namespace unmask {
namespace {

using testing::Fixture;
using testing::ReplayedNoise;
using testing::to_ints;

class Trajectory : public ::testing::TestWithParam<std::string> {
  c10::InferenceMode inference_;
};

/// Collects the states of the canvas.
class States : public Events {
 public:
  void on_step(const StepEvent& event) override {
    states.emplace_back(event.canvas.begin(), event.canvas.end());
    EXPECT_EQ(event.committed.size(), event.confidence.size());
    EXPECT_LT(event.step, event.steps);
  }
  std::vector<std::vector<int>> states;
};

/// The parameters of LLaDA's generate.py and Dream's diffusion_generate, as options.
DecodeOptions options_of(const Json& test_case, const ModelFacts& facts) {
  const Json& params = test_case["params"];
  const auto has = [&](const char* key) { return params.contains(key) && !params[key].is_null(); };
  DecodeOptions options = facts.reference;
  options.early_stop = false;
  options.length = params["gen_length"];
  options.steps = params["steps"];
  options.block = params.value("block_length", 0);
  options.guidance = params.value("cfg_scale", 0.0);
  options.temperature = params.value("temperature", 0.0);
  if (has("top_p")) options.top_p = params["top_p"];
  if (has("top_k")) options.top_k = params["top_k"];
  options.schedule_eps = params.value("eps", options.schedule_eps);
  if (params.value("remasking", "") == "random") options.order = Order::random;
  // The reference's first flag speaks of the end token alone, the second of the turn's end as well.
  options.no_end = params.value("logits_eos_inf", false);
  options.end_last = params.value("confidence_eos_eot_inf", false);
  options.end_ids = {test_case["eos_id"].get<int>()};
  if (options.end_last) options.end_ids.push_back(test_case["eot_id"]);
  if (has("alg")) {
    const std::string name = params["alg"];
    options.commit = name == "origin" ? CommitKind::bernoulli : CommitKind::quota;
    options.order = name == "topk_margin" ? Order::margin
                    : name == "entropy"   ? Order::entropy
                                          : Order::confidence;
  }
  return options;
}

std::vector<int> unpadded(const Json& ids, const Json& mask, std::size_t row) {
  std::vector<int> kept;
  for (std::size_t i = 0; i < ids[row].size(); ++i) {
    if (mask.is_null() || mask[row][i] == 1) kept.push_back(ids[row][i]);
  }
  return kept;
}

std::vector<std::vector<int>> without_repeats(std::vector<std::vector<int>> states) {
  states.erase(std::unique(states.begin(), states.end()), states.end());
  return states;
}

/// The reference's states of one row, without its left padding, and without a first state that is
/// the untouched canvas: we report changes only.
std::vector<std::vector<int>> golden_states(const at::Tensor& trajectory, std::size_t row,
                                            std::size_t tokens, const std::vector<int>& start) {
  std::vector<std::vector<int>> states{start};
  for (std::int64_t step = 0; step < trajectory.size(0); ++step) {
    const at::Tensor ids = trajectory[step][static_cast<std::int64_t>(row)].contiguous();
    const auto* first = ids.data_ptr<std::int64_t>() + (ids.numel() - tokens);
    states.emplace_back(first, first + tokens);
  }
  states = without_repeats(std::move(states));
  states.erase(states.begin());
  return states;
}

GenerationRequest request_of(const Json& test_case, std::size_t row, const ModelFacts& facts) {
  GenerationRequest request;
  request.ids = unpadded(test_case["prompt_ids"], test_case.value("attention_mask", Json()), row);
  const int mask_id = test_case["mask_id"];
  request.mask_id = mask_id;
  for (std::size_t i = 0; i < request.ids.size(); ++i) {
    if (request.ids[i] == mask_id) request.open.push_back(static_cast<int>(i));
  }
  request.options = options_of(test_case, facts);
  return request;
}

void expect_trajectory(const Fixture& fixture, const Model& model, const Json& test_case,
                       const std::vector<at::Tensor>& noise) {
  const at::Tensor trajectory = fixture.golden(test_case["trajectory"]);  // [steps, rows, tokens]
  for (std::size_t row = 0; row < test_case["prompt_ids"].size(); ++row) {
    SCOPED_TRACE(test_case["name"].get<std::string>() + ", row " + std::to_string(row));
    const GenerationRequest request = request_of(test_case, row, model.facts());
    std::vector<Sequence> sequences;
    // Without recorded noise the case is deterministic, whatever is drawn.
    std::unique_ptr<Noise> source = std::make_unique<SeededNoise>(1);
    if (!noise.empty()) source = std::make_unique<ReplayedNoise>(noise);
    sequences.emplace_back(0, request, model.facts(), std::move(source));
    std::vector<int> start = request.ids;
    start.resize(request.ids.size() + request.options.length, *request.mask_id);

    States seen;
    decode(model, sequences, &seen);

    const Generation result = sequences[0].result();
    EXPECT_EQ(without_repeats(seen.states),
              golden_states(trajectory, row, result.canvas.size(), start));
    const std::vector<int> output = to_ints(test_case["output_ids"][row]);
    EXPECT_EQ(result.canvas, std::vector<int>(output.end() - result.canvas.size(), output.end()));
    EXPECT_LE(result.forwards, test_case["num_model_calls"].get<int>());
  }
}

bool is_own_algorithm(const Json& test_case) {
  return test_case["algorithm"] == "llada" || test_case["algorithm"] == "dream";
}

TEST_P(Trajectory, IsTheReferencesStepByStep) {
  const Fixture fixture(GetParam());
  const Model model = fixture.load();
  int run = 0;
  for (const Json& test_case : fixture.cases()["generate"]) {
    if (!is_own_algorithm(test_case)) continue;
    expect_trajectory(fixture, model, test_case, {});
    ++run;
  }
  EXPECT_GT(run, 0);
}

TEST_P(Trajectory, WithTheReferencesNoiseIsTheReferences) {
  const Fixture fixture(GetParam());
  const Model model = fixture.load();
  for (const Json& test_case : fixture.cases().value("generate_with_noise", Json::array())) {
    ASSERT_TRUE(is_own_algorithm(test_case));
    std::vector<at::Tensor> noise;
    for (const Json& draw : test_case["noise"]) noise.push_back(fixture.golden(draw["tensor"]));
    expect_trajectory(fixture, model, test_case, noise);
  }
}

TEST_P(Trajectory, TogetherIsAsOneByOne) {
  // Requests of unequal prompts and lengths in one batch: what each gets is what it gets alone.
  const Fixture fixture(GetParam());
  const Model model = fixture.load();
  std::vector<GenerationRequest> requests;
  for (const Json& test_case : fixture.cases()["generate"]) {
    if (is_own_algorithm(test_case)) requests.push_back(request_of(test_case, 0, model.facts()));
  }
  std::vector<Sequence> together;
  for (const GenerationRequest& request : requests) {
    together.emplace_back(together.size(), request, model.facts(),
                          std::make_unique<SeededNoise>(7));
  }
  decode(model, together, nullptr);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    std::vector<Sequence> alone;
    alone.emplace_back(0, requests[i], model.facts(), std::make_unique<SeededNoise>(7));
    decode(model, alone, nullptr);
    EXPECT_EQ(together[i].result().canvas, alone[0].result().canvas) << "request " << i;
    EXPECT_EQ(together[i].result().forwards, alone[0].result().forwards);
  }
}

INSTANTIATE_TEST_SUITE_P(Families, Trajectory,
                         ::testing::Values("llada", "llada_tied", "llada_bf16", "dream",
                                           "dream_tied"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace unmask
