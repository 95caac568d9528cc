// The table of commands: dispatch, help, errors and completions read it, so that they agree.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "cli/args.h"
#include "cli/flags.h"

namespace unmask {

/// One command. Its file in commands/ makes it: `Command NAME_command()`.
struct Command {
  std::string_view name;
  std::string_view summary;  ///< what it does, in a few words: for lists of commands
  /// Its help above the flags. "{commands}" stands for the names of all that have no line there.
  std::string_view introduction;
  /// Names of the flags that it takes, blanks between them, in the order of its help: of the table
  /// of flags or its own. "@decoding" stands for all decoding options; those about the program are
  /// never named, for every command has them.
  std::string_view flags;
  /// Flags that no other command has.
  std::vector<Flag> own = {};
  /// Returns the exit code of success, or throws.
  int (*run)(const Args& args);
};

/// All commands. The first one is what a command line without a command means.
std::span<const Command> all_commands();

/// nullptr for a word that is no command.
const Command* find_command(std::string_view word);

/// Whether the word will be a command one day: a prompt that begins with it must not change its
/// meaning then.
bool is_command_to_come(std::string_view word);

/// The flags that a command takes, in the order of its help.
std::vector<const Flag*> flags_of(const Command& command);

/// One of them by its name ("seed", "-h"), or nullptr.
const Flag* find_flag(const Command& command, std::string_view name);

/// Every flag that some command takes, once.
std::vector<const Flag*> all_flags();

/// What the arguments ask for: help, version or a command.
int run(const Args& args);

/// Shows the help of a command that was given nothing to work on. Returns the exit code.
int show_usage(const Command& command);

}  // namespace unmask
