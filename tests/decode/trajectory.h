// Runs the case of a reference, to be compared with what that did, step by step.
#pragma once

#include <memory>
#include <vector>

#include "model/model.h"
#include "references/reference_cases.h"
#include "rules/noise.h"
#include "support/fixture.h"
#include "unmask/engine.h"

namespace unmask::testing {

/// A row of the case as a request, without early stop unless the case has it; `more` are set on
/// top.
GenerationRequest request_of(const ReferenceCase& reference, const ReferenceRow& row,
                             const ModelFacts& facts, const Options& more = {});

/// The fixture's model, with the logit shift of the case where it sets one.
Model load_for(const Fixture& fixture, const ReferenceCase& reference);

/// What a run of ours was.
struct TracedRun {
  std::vector<Ids> states;  ///< of the steps that changed the canvas
  Generation result;
};

TracedRun run_alone(const Model& model, const GenerationRequest& request,
                    std::unique_ptr<Noise> noise = std::make_unique<SeededNoise>(1));

/// All requests in one batch.
std::vector<TracedRun> run_together(const Model& model,
                                    const std::vector<GenerationRequest>& requests);

/// Expects the reference's states and canvas, and at most its forwards.
void expect_reference(const TracedRun& run, const ReferenceCase& reference,
                      const ReferenceRow& row);

}  // namespace unmask::testing
