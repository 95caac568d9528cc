// The denoising loop.
#pragma once

#include <memory>
#include <span>

#include "decode/sequence.h"
#include "model/model.h"

namespace unmask {

/// Runs all sequences to their end, together: each step is one batch of those still unfinished.
/// Throws Error{interrupted} between steps when a stop was asked for.
void decode(const Model& model, std::span<Sequence> sequences, Events* events);

}  // namespace unmask
