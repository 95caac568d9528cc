// The two C functions of libunmask_engine.so; see unmask/engine.h for how they are found.
#pragma once

#include "unmask/engine.h"

extern "C" {

const char* unmask_engine_version();

/// The caller owns the result. Throws Error like the constructor of the model.
unmask::Engine* unmask_engine_create(const unmask::EngineOptions& options);

}  // extern "C"
