#include "base/interrupt.h"

#include <atomic>

#include "unmask/error.h"

namespace unmask {
namespace {

std::atomic<bool> requested = false;
static_assert(std::atomic<bool>::is_always_lock_free, "must be safe inside a signal handler");

}  // namespace

void request_interrupt() noexcept { requested.store(true, std::memory_order_relaxed); }

bool interrupt_requested() noexcept { return requested.load(std::memory_order_relaxed); }

void throw_if_interrupted() {
  if (interrupt_requested()) throw Error(ErrorCode::interrupted, "interrupted");
}

}  // namespace unmask
