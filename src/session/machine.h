// What this process may use of the machine, and what it has used.
#pragma once

#include <cstdint>

namespace unmask {

/// Processors this process may run on: its affinity, less where a control group limits its time.
int available_threads();

/// Most memory that was resident at once, in bytes.
std::uint64_t peak_memory();

}  // namespace unmask
