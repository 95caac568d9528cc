// The parameters of each reference as flags.
#pragma once

#include <string>

#include "base/json.h"
#include "references/reference_cases.h"

namespace unmask::testing {

/// Fills preset, options, logit shift and end ids of the case from its `params`. False for an
/// algorithm that has no preset here. Throws std::runtime_error for a parameter that no flag is
/// known for.
bool read_parameters(const Json& json, ReferenceCase& reference);

}  // namespace unmask::testing
