// What was typed: every flag of the command line as a value, nothing resolved yet.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "io/lines.h"
#include "unmask/engine.h"

namespace unmask {

struct Command;

enum class Device { automatic, cpu, cuda };
enum class Truncate { none, left, right };
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
  std::optional<std::string> system;
  std::optional<std::string> messages;
  std::optional<std::string> chat;
  bool raw = false;
  bool allow_special = false;
  bool lossy = false;
  bool no_stdin = false;
  std::uint64_t max_input = std::uint64_t{64} << 20;  // bytes
  Truncate truncate = Truncate::none;

  // Model.
  std::optional<std::string> model;
  std::string family;
  std::optional<int> mask_id;
  std::optional<std::vector<int>> end_ids;
  std::optional<bool> shift;

  // Decoding.
  std::optional<std::string> preset;
  std::vector<std::pair<std::string, std::string>> decoding;  ///< for set_option: name, value
  std::optional<std::uint64_t> seed;
  int num = 1;
  std::vector<std::string> stops;  ///< texts before which an answer is cut; none is empty
  double deadline = 0;             ///< seconds from the start of the command; 0: none
  int max_forwards = 0;            ///< 0: no limit

  // Output.
  std::optional<std::string> output;
  bool json = false;
  bool quiet = false;
  int verbose = 0;
  Color color = Color::automatic;

  // Machine.
  int threads = 0;  ///< 0: as many as this process may use
  ComputeType dtype = ComputeType::automatic;
  bool allow_code = false;
  Device device = Device::automatic;

  // Batches.
  bool lines = false;                   ///< every line of the input is a prompt
  std::uint64_t max_line = kLineLimit;  ///< bytes
  BatchLimits batch{.requests = 8, .tokens = 8192};
  bool resume = false;
  bool resume_failed = false;
  bool overwrite = false;
  bool force_resume = false;
  bool unordered = false;
  bool strict = false;
  std::optional<std::string> report;
  std::optional<std::string> store;  ///< where ranks meet: "HOST:PORT", or a file

  /// Flags that a command keeps to itself, as typed: name, value ("" for a switch).
  std::vector<std::pair<std::string, std::string>> own;

  /// Whether an own flag is given, and its value.
  bool has(std::string_view flag) const { return value_of(flag).has_value(); }
  std::optional<std::string> value_of(std::string_view flag) const;
};

/// Understands a command line without the program's name. Reads nothing but its argument.
/// Throws Error{usage} with the nearest flag as hint.
Args parse_args(std::span<const std::string> arguments);

/// The value of decoding option `name` as typed, or nullopt.
std::optional<std::string> typed_option(const Args& args, std::string_view name);

}  // namespace unmask
