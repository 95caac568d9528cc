#include "decode/trajectory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "decode/loop.h"
#include "decode/request_list.h"

namespace unmask::testing {
namespace {

/// Collects the states of each request's canvas.
class States : public Events {
 public:
  explicit States(std::size_t requests) : states(requests) {}

  void on_step(const StepEvent& event) override {
    auto& seen = states[event.request];
    const Ids canvas(event.canvas.begin(), event.canvas.end());
    if (seen.empty() || seen.back() != canvas) seen.push_back(canvas);
    EXPECT_EQ(event.committed.size(), event.confidence.size());
    EXPECT_FALSE(event.committed.empty() && event.revised.empty());
    EXPECT_LT(event.step, event.steps);
  }

  std::vector<std::vector<Ids>> states;
};

std::vector<TracedRun> run(const Model& model, std::span<const GenerationRequest> requests,
                           const MakeNoise& noise) {
  States seen(requests.size());
  RequestList list(requests);
  decode(model, list, {.requests = static_cast<int>(requests.size())}, &seen, noise);
  std::vector<TracedRun> runs;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    runs.push_back({seen.states[i], list.results()[i]});
  }
  return runs;
}

}  // namespace

GenerationRequest request_of(const ReferenceCase& reference, const ReferenceRow& row,
                             const ModelFacts& facts, const Options& more) {
  GenerationRequest request;
  request.canvas = with_holes(row.prompt, reference.mask_id);
  request.mask_id = reference.mask_id;
  request.options = preset_options(facts, reference.preset);
  request.options.early_stop = false;
  request.options.end_ids = reference.end_ids;
  for (const Options& options : {reference.options, row.options, more}) {
    for (const auto& [name, value] : options) set_option(request.options, name, value);
  }
  return request;
}

Model load_for(const Fixture& fixture, const ReferenceCase& reference) {
  ModelFacts facts = fixture.facts();
  facts.logit_shift = reference.logit_shift.value_or(facts.logit_shift);
  return Model(fixture.checkpoint(), facts, ComputeType::f32);
}

TracedRun run_alone(const Model& model, const GenerationRequest& request,
                    std::unique_ptr<Noise> noise) {
  return run(model, {&request, 1}, [&](const auto&) { return std::move(noise); }).front();
}

std::vector<TracedRun> run_together(const Model& model,
                                    const std::vector<GenerationRequest>& requests) {
  return run(model, requests, [](const auto&) { return std::make_unique<SeededNoise>(1); });
}

void expect_reference(const TracedRun& run, const ReferenceCase& reference,
                      const ReferenceRow& row) {
  EXPECT_EQ(run.states, row.states);
  EXPECT_EQ(run.result.canvas, row.canvas);
  EXPECT_LE(run.result.forwards, reference.forwards);
}

}  // namespace unmask::testing
