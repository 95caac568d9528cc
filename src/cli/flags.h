// The table of flags: parsing, help and suggestions all read it, so that they agree.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/args.h"

namespace unmask {

struct Flag {
  std::string name;               ///< without dashes: "file"
  std::string letter;             ///< "f", or "" where there is none
  std::string value;              ///< what the value is called in help: "FILE"; "" for a switch
  std::string group;              ///< heading in help
  std::string help;               ///< one sentence
  std::vector<Command> commands;  ///< that take it; empty: all of them
  bool repeatable = false;
  bool per_line = false;  ///< a line of a batch may set it for itself
  bool in_help = true;    ///< false for the negation of a switch that is there
  std::function<void(Args&, const std::string& value)> set;

  bool belongs_to(Command command) const;
};

/// All flags, in the order in which help shows them below the headings of their groups.
const std::vector<Flag>& all_flags();

}  // namespace unmask
