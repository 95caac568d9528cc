// A batch from its first line to its last: lines -> plans -> engine -> lines.
#pragma once

#include "batch/options.h"

namespace unmask {

/// Does the job, or this process's share of it. False where lines failed, of which each has its
/// error in the output. Throws Error for what keeps the batch from beginning or from going on;
/// what is written by then stays, and can be resumed.
bool run_batch(const BatchJob& job);

}  // namespace unmask
