#include "cli/command.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "base/log.h"
#include "cli/help.h"
#include "io/output.h"
#include "io/terminal.h"
#include "unmask/options.h"

// The commands, in the order in which they are listed.
// clang-format off
#define UNMASK_COMMANDS(row) \
  row(generate) \
  row(batch) \
  row(tokenize) \
  row(detokenize) \
  row(render) \
  row(inspect) \
  row(config) \
  row(logits)
// clang-format on

namespace unmask {

#define UNMASK_DECLARE(name) Command name##_command();
#define UNMASK_CALL(name) name##_command(),
UNMASK_COMMANDS(UNMASK_DECLARE)

namespace {

constexpr std::array<std::string_view, 6> kToCome = {"chat",  "score",    "models",
                                                     "bench", "quantize", "completion"};

// What every command takes.
constexpr std::string_view kAlways = "color quiet verbose help -h version";

const Flag* find_among(const std::vector<Flag>& flags, std::string_view name) {
  for (const Flag& flag : flags) {
    if (flag.name.empty() ? flag.typed() == name : flag.name == name) return &flag;
  }
  return nullptr;
}

/// Calls `take` for each word of a list with blanks between its words.
template <class Take>
void for_each_word(std::string_view list, Take take) {
  while (!list.empty()) {
    const std::string_view word = list.substr(0, list.find(' '));
    if (!word.empty()) take(word);
    list.remove_prefix(std::min(word.size() + 1, list.size()));
  }
}

void add_flags(const Command& command, std::string_view names, std::vector<const Flag*>& flags) {
  for_each_word(names, [&](std::string_view name) {
    if (name == "@decoding") {
      for (const OptionSpec& spec : option_specs()) {
        flags.push_back(find_among(shared_flags(), spec.name));
        const Flag* negation = find_among(shared_flags(), "no-" + std::string(spec.name));
        if (negation != nullptr) flags.push_back(negation);
      }
      return;
    }
    const Flag* own = find_among(command.own, name);
    const Flag* flag = own != nullptr ? own : find_among(shared_flags(), name);
    if (flag == nullptr) throw std::logic_error("no flag of the table: " + std::string(name));
    flags.push_back(flag);
  });
}

void set_verbosity(const Args& args) {
  using log::Level;
  if (args.quiet) log::set_level(Level::error);
  if (args.verbose == 1) log::set_level(Level::info);
  if (args.verbose > 1) log::set_level(Level::debug);
}

bool use_color(const Args& args) {
  if (args.color == Color::automatic) return !args.output && wants_color(StandardStream::output);
  return args.color == Color::always;
}

}  // namespace

std::span<const Command> all_commands() {
  static const std::array commands = {UNMASK_COMMANDS(UNMASK_CALL)};
  return commands;
}

const Command* find_command(std::string_view word) {
  for (const Command& command : all_commands()) {
    if (command.name == word) return &command;
  }
  return nullptr;
}

bool is_command_to_come(std::string_view word) {
  return std::find(kToCome.begin(), kToCome.end(), word) != kToCome.end();
}

std::vector<const Flag*> flags_of(const Command& command) {
  std::vector<const Flag*> flags;
  add_flags(command, command.flags, flags);
  add_flags(command, kAlways, flags);
  return flags;
}

const Flag* find_flag(const Command& command, std::string_view name) {
  for (const Flag* flag : flags_of(command)) {
    if (flag->name.empty() ? flag->typed() == name : flag->name == name) return flag;
  }
  return nullptr;
}

std::vector<const Flag*> all_flags() {
  std::vector<const Flag*> all;
  for (const Flag& flag : shared_flags()) all.push_back(&flag);
  for (const Command& command : all_commands()) {
    for (const Flag& flag : command.own) {
      const bool known = std::any_of(all.begin(), all.end(), [&](const Flag* other) {
        return other->typed() == flag.typed();
      });
      if (!known) all.push_back(&flag);
    }
  }
  return all;
}

int run(const Args& args) {
  set_verbosity(args);
  if (args.help != Help::none) {
    const bool full = args.help == Help::full;
    const std::string text = full ? help_text(*args.command, use_color(args)) : brief_help();
    Output(args.output).write_verbatim(text);
    return 0;
  }
  if (args.version) {
    Output(args.output).write(version_text(args.json));
    return 0;
  }
  return args.command->run(args);
}

int show_usage(const Command& command) {
  write_stderr(help_text(command, false));
  return static_cast<int>(ErrorCode::usage);
}

}  // namespace unmask
