// --help, -h and --version.
#pragma once

#include <string>

#include "cli/command.h"

namespace unmask {

/// Everything about one command: examples, then its flags by group.
std::string help_text(const Command& command, bool color);

/// What fits when somebody typed `unmask` and nothing else.
std::string brief_help();

std::string version_text(bool json);

}  // namespace unmask
