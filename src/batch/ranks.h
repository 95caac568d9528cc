// Which of the processes of a run this one is, and where they meet: what launchers say in the
// environment.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "unmask/store.h"

namespace unmask {

/// The value of a variable, or nothing where it is not set or empty.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// That of this process.
std::optional<std::string> environment_variable(const char* name);

struct Rank {
  int rank = 0;
  int size = 1;               ///< processes of the run
  const char* launcher = "";  ///< who said so
  const char* variable = "";  ///< the one that says the size
  std::string run_id;         ///< the launcher's name of this run; "" where it has none
};

/// The innermost launcher that has started several processes decides; UNMASK_WORLD_SIZE before all
/// of them. The tasks of a Slurm array count only where `arrays` is set: mostly they have files of
/// their own. Error{usage} for values that cannot be.
Rank find_rank(const Environment& environment, bool arrays);

/// Where the processes meet: `place` ("HOST:PORT" or a file), else where torchrun says, else a file
/// beside `output` with the run's name in its own. Error{usage} where the run has none.
StoreOptions meeting_place(const Environment& environment, const Rank& rank,
                           const std::optional<std::string>& place, const std::string& output);

}  // namespace unmask
