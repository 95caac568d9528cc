// From requests to a batch of packed sequences.
#pragma once

#include <span>

#include "model/model.h"
#include "model/network.h"

namespace unmask {

/// The indices that a request computes, ascending.
std::vector<int> computed_indices(const Request& request);

/// Throws std::logic_error for a request that cannot be computed.
Batch make_batch(std::span<const Request> requests);

}  // namespace unmask
