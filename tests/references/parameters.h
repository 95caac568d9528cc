// The parameters of each reference as flags.
#pragma once

#include <string>

#include "base/json.h"
#include "references/reference_cases.h"

namespace unmask::testing {

/// Fills preset, options, logit shift and end ids of the case from its `params`. False where every
/// token is drawn from uniforms that the case supplies, which no flag can do. Throws
/// std::runtime_error for an algorithm without a preset here and a parameter without a flag.
bool read_parameters(const Json& json, ReferenceCase& reference);

}  // namespace unmask::testing
