// The plan of a command line.
#pragma once

#include <string>
#include <vector>

#include "cli/args.h"
#include "cli/typed_prompt.h"
#include "session/plan.h"

namespace unmask::testing {

/// As `generate` makes it.
inline Plan planned(const std::vector<std::string>& arguments) {
  const Args args = parse_args(arguments);
  const auto setup = make_setup(args.settings, args.ids.empty() ? Prompts::text : Prompts::ids,
                                args.messages.has_value());
  return make_plan(setup, args.settings, read_prompt(args));
}

}  // namespace unmask::testing
