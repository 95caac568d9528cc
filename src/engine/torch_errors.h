// libtorch's exceptions and warnings, in our own terms.
#pragma once

#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <new>
#include <string_view>

#include "unmask/error.h"

namespace unmask {

/// Sends libtorch's warnings to our log, at debug level, instead of to stderr.
void route_torch_warnings();

/// The Error that stands for an exception of libtorch: {resource} when memory ran out.
Error translate(const c10::Error& error);

/// Runs `work` without gradients; exceptions of libtorch and of the allocator leave it as Error.
template <typename Work>
auto run_torch(Work&& work) {
  try {
    const c10::InferenceMode inference;
    return work();
  } catch (const c10::Error& error) {
    throw translate(error);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::resource, "out of memory", "try a shorter canvas or fewer drafts");
  }
}

}  // namespace unmask
