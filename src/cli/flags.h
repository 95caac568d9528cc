// The table of flags that several commands take. Parsing, help and suggestions read it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/args.h"

namespace unmask {

struct Flag {
  std::string name = {};                  ///< without dashes: "file"
  std::string letter = {};                ///< "f", or "" where there is none
  std::string value = {};                 ///< its value's name in help: "FILE"; "" for a switch
  std::string group = {};                 ///< heading in help
  std::string help = {};                  ///< one sentence
  std::vector<std::string> choices = {};  ///< values that are known beforehand
  bool repeatable = false;
  bool in_help = true;  ///< false for the negation of a switch that is there
  /// Checks the value and keeps it. Without it Args::own keeps it.
  std::function<void(Args&, const std::string& value)> set = {};

  /// "--file", or "-h" where there is only a letter.
  std::string typed() const { return name.empty() ? "-" + letter : "--" + name; }
};

/// All of them, decoding options included.
const std::vector<Flag>& shared_flags();

}  // namespace unmask
