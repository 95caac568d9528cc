// `batch` in a process that is one of several and not rank 0.
#pragma once

#include "batch/options.h"
#include "batch/team.h"

namespace unmask {

/// What the processes of a run share, or nothing where this process is alone. Error{usage} where
/// they cannot share the input or the output.
std::unique_ptr<Team> join_team(const BatchJob& job);

/// Answers this rank's share of the lines in its part of the output. Error{usage} where the command
/// is not that of rank 0.
void answer_part(const BatchJob& job, Team& team);

}  // namespace unmask
