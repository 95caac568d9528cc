// The denoising loop.
#pragma once

#include <functional>
#include <memory>

#include "model/model.h"
#include "rules/noise.h"
#include "unmask/engine.h"

namespace unmask {

using MakeNoise = std::function<std::unique_ptr<Noise>(const GenerationRequest& request)>;

/// The noise of the request's seed.
std::unique_ptr<Noise> seeded_noise(const GenerationRequest& request);

/// Tokens that a pass has to compute for the request, at most: its canvas, once for each pass of
/// guidance and each draft, and the shadow rows of WINO.
std::int64_t tokens_of_pass(const GenerationRequest& request);

/// Decodes what the queue has, as Engine::run says. Each step is one pass of the network over all
/// sequences that are under way. Where it fails, it is made in halves, down to the one sequence
/// that fails by itself.
void decode(const Model& model, RequestQueue& queue, BatchLimits limits, Events* events,
            const MakeNoise& noise = seeded_noise);

}  // namespace unmask
