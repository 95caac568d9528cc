// From requests to a batch of packed sequences.
#pragma once

#include <span>

#include "model/model.h"
#include "model/network.h"
#include "model/place.h"

namespace unmask {

/// The indices that a request computes, ascending.
std::vector<int> computed_indices(const Request& request);

/// The tensors of the batch lie at `place`. Throws std::logic_error for a request that cannot be
/// computed.
Batch make_batch(std::span<const Request> requests, const Place& place);

}  // namespace unmask
