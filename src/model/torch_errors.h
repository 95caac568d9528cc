// libtorch's exceptions and warnings, in our own terms.
#pragma once

#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <exception>
#include <new>
#include <optional>

#include "unmask/error.h"

namespace unmask {

/// Sends libtorch's warnings to our log, at debug level, instead of to stderr.
void route_torch_warnings();

/// The Error that stands for an exception of libtorch or of the allocator: {resource} when memory
/// ran out.
Error translate(const c10::Error& error);
Error translate(const std::bad_alloc& error);

/// Runs `work` without gradients; exceptions of libtorch and of the allocator leave it as Error.
template <typename Work>
auto run_torch(Work&& work) {
  try {
    const c10::InferenceMode inference;
    return work();
  } catch (const c10::Error& error) {
    throw translate(error);
  } catch (const std::bad_alloc& error) {
    throw translate(error);
  }
}

/// The same for one of many requests: what `work` throws is returned, for the others go on.
/// Error{interrupted} goes through.
template <typename Work>
std::optional<Error> failure_of(Work&& work) {
  try {
    run_torch(work);
    return std::nullopt;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    return error;
  } catch (const std::exception& error) {
    return Error(ErrorCode::failure, error.what());
  }
}

}  // namespace unmask
