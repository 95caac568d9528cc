// What was typed: every flag of the command line as a value, nothing resolved yet.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "session/settings.h"

namespace unmask {

struct Command;

enum class Color { automatic, always, never };
enum class Help { none, brief, full };

struct Args {
  const Command* command = nullptr;  ///< set by parse_args()
  std::vector<std::string> words;    ///< what follows the command and belongs to no flag
  bool dash = false;                 ///< the only word is "-": the prompt is on standard input
  Help help = Help::none;
  bool version = false;

  // Input.
  std::optional<std::string> prompt;
  std::vector<std::string> files;
  std::vector<std::vector<int>> ids;  ///< one list per --ids
  std::optional<std::string> messages;
  bool no_stdin = false;
  std::uint64_t max_input = std::uint64_t{64} << 20;  // bytes

  Settings settings;  ///< of model, prompt, decoding and machine

  // Output.
  std::optional<std::string> output;
  bool json = false;
  bool quiet = false;
  int verbose = 0;
  Color color = Color::automatic;

  /// Flags that a command keeps to itself, as typed: name, value ("" for a switch).
  std::vector<std::pair<std::string, std::string>> own;

  /// Whether an own flag is given, and its value.
  bool has(std::string_view flag) const { return value_of(flag).has_value(); }
  std::optional<std::string> value_of(std::string_view flag) const;
};

/// The model that `inspect` and its like are asked about: by the one word, else by -m. Error{usage}
/// for several.
std::optional<std::string> one_model(const Args& args);

/// Understands a command line without the program's name. Reads nothing but its argument.
/// Throws Error{usage} with the nearest flag as hint.
Args parse_args(std::span<const std::string> arguments);

}  // namespace unmask
