// The reverse process of masked diffusion, one step at a time: what MDLM (Sahoo et al. 2024), ReMDM
// (Wang et al. 2025) and BD3-LM (Arriola et al. 2025) draw from.
#pragma once

#include <span>
#include <vector>

#include "rules/transition.h"
#include "unmask/options.h"

namespace unmask {

/// The times at which the steps of a run begin, from 1 downwards, and at the end the time after the
/// last one; under `bd3lm` the last step begins at time 0, and nothing follows. In float32, as the
/// references compute.
std::vector<float> process_times(const DecodeOptions& options, int steps);

/// How much earlier a step ends than it begins.
double step_duration(const DecodeOptions& options, int steps);

/// The step from time t to the earlier time s. `bd3lm` reveals everything that is still open in a
/// step that would end at 0 or before.
Transition transition(const DecodeOptions& options, float t, float s);

/// ReMDM-conf: how remasking is shared out among settled positions, softmax(-confidence), where
/// `confidence` is the probability that each one's token had when it was written.
std::vector<float> remask_shares(std::span<const float> confidence);

/// The noise level sigma at time t, for networks that are told it.
double noise_level(const DecodeOptions& options, float t);

}  // namespace unmask
