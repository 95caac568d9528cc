#include "session/engine_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/utf8.h"
#include "session/model_folder.h"
#include "unmask/version.h"

namespace unmask {
namespace {

constexpr const char* kLibrary = "libunmask_engine.so";

std::string loader_message() {
  const char* message = ::dlerror();
  return message != nullptr ? utf8::printable(message, 1000) : "unknown error";
}

template <class Function>
Function find_symbol(void* library, const char* name) {
  void* symbol = ::dlsym(library, name);
  if (symbol == nullptr) {
    throw Error(ErrorCode::failure, "the engine is damaged: " + loader_message(),
                "build or install unmask again");
  }
  return reinterpret_cast<Function>(symbol);
}

/// Never closed: code of it may run until the process ends.
void* open_library() {
  // Threads that wait for each other by spinning starve on a machine that has other work: there a
  // small model took ten times as long. Read by OpenMP when the engine brings it in.
  ::setenv("OMP_WAIT_POLICY", "passive", /*overwrite=*/0);
  const std::filesystem::path path = engine_library_path();
  void* library = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(ErrorCode::failure, "cannot open the engine: " + loader_message(),
                "it is expected at " + display(path) + "; build or install unmask again");
  }
  const std::string_view version = find_symbol<EngineVersion>(library, kEngineVersionSymbol)();
  if (version != kVersion) {
    throw Error(
        ErrorCode::failure,
        display(path) + " is version " + utf8::printable(version) + ", this program is " + kVersion,
        "build or install unmask again");
  }
  return library;
}

}  // namespace

std::filesystem::path engine_library_path() {
  const std::filesystem::path beside = executable_folder() / kLibrary;
  const std::filesystem::path installed =
      (executable_folder() / "../lib" / kLibrary).lexically_normal();
  return !exists(beside) && exists(installed) ? installed : beside;
}

std::unique_ptr<Engine> load_engine(const EngineOptions& options) {
  const auto create = find_symbol<EngineCreate>(open_library(), kEngineCreateSymbol);
  return std::unique_ptr<Engine>(create(options));
}

std::unique_ptr<SharedStore> open_store(const StoreOptions& options) {
  const auto open = find_symbol<StoreOpen>(open_library(), kStoreOpenSymbol);
  return std::unique_ptr<SharedStore>(open(options));
}

}  // namespace unmask
