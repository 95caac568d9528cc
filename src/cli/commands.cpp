#include "cli/commands.h"

#include "base/log.h"
#include "cli/help.h"
#include "io/output.h"
#include "io/terminal.h"

namespace unmask {
namespace {

void set_verbosity(const Args& args) {
  using log::Level;
  if (args.quiet) log::set_level(Level::error);
  if (args.verbose == 1) log::set_level(Level::info);
  if (args.verbose > 1) log::set_level(Level::debug);
}

bool use_color(const Args& args) {
  if (args.color == Color::automatic) return !args.output && wants_color(Stream::output);
  return args.color == Color::always;
}

}  // namespace

int run(const Args& args) {
  set_verbosity(args);
  if (args.help != Help::none) {
    const bool full = args.help == Help::full;
    const std::string text = full ? help_text(args.command, use_color(args)) : brief_help();
    Output(args.output).write_verbatim(text);
    return 0;
  }
  if (args.version) {
    Output(args.output).write(version_text(args.json));
    return 0;
  }
  switch (args.command) {
    case Command::generate:
      return run_generate(args);
    case Command::batch:
      return run_batch(args);
    case Command::logits:
      return run_logits(args);
    case Command::tokenize:
      return run_tokenize(args);
    case Command::detokenize:
      return run_detokenize(args);
    case Command::inspect:
      return run_inspect(args);
    case Command::config:
      return run_config(args);
  }
  return 0;
}

}  // namespace unmask
