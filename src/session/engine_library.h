// The way to the engine: libunmask_engine.so beside the executable, opened when a model is needed.
#pragma once

#include <filesystem>
#include <memory>

#include "unmask/engine.h"
#include "unmask/store.h"

namespace unmask {

/// Where the engine is expected: beside the executable, or in ../lib of an installation.
std::filesystem::path engine_library_path();

/// Opens the library and loads the checkpoint. Error{failure} when the library cannot be opened or
/// is of another version; otherwise as EngineCreate.
std::unique_ptr<Engine> load_engine(const EngineOptions& options);

/// What the processes of a run share. Errors as above, and those of StoreOpen.
std::unique_ptr<SharedStore> open_store(const StoreOptions& options);

}  // namespace unmask
