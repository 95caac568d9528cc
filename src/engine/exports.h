// The C functions of libunmask_engine.so; see unmask/engine.h and unmask/store.h for how they are
// found.
#pragma once

#include "unmask/engine.h"
#include "unmask/store.h"

extern "C" {

const char* unmask_engine_version();

/// The caller owns the result. Throws Error like the constructor of the model.
unmask::Engine* unmask_engine_create(const unmask::EngineOptions& options);

/// The caller owns the result. Throws Error{usage} or {resource}.
unmask::SharedStore* unmask_engine_open_store(const unmask::StoreOptions& options);

}  // extern "C"
