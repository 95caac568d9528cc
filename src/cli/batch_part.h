// `batch` in a process that is one of several and not rank 0.
#pragma once

#include "cli/args.h"
#include "cli/team.h"

namespace unmask {

/// What the processes of a run share, or nothing where this process is alone. Error{usage} where
/// they cannot share `input` or the output.
std::unique_ptr<Team> join_team(const Args& args, const std::string& input);

/// Answers this rank's share of the lines in its part of the output. Error{usage} where the command
/// is not that of rank 0.
void answer_part(const Args& args, const std::string& input, Team& team);

}  // namespace unmask
