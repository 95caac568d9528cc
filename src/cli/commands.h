// The commands, one file each. They return the exit code of success, or throw.
#pragma once

#include "cli/args.h"

namespace unmask {

int run_generate(const Args& args);
int run_batch(const Args& args);
int run_logits(const Args& args);
int run_tokenize(const Args& args);
int run_detokenize(const Args& args);
int run_inspect(const Args& args);
int run_config(const Args& args);

/// What the arguments ask for: help, version or a command.
int run(const Args& args);

}  // namespace unmask
