// What a person chooses about a model, its prompts and the writing: as typed, nothing resolved yet.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "session/setting.h"
#include "unmask/engine.h"

namespace unmask {

enum class Device { automatic, cpu, cuda };
enum class Truncate { none, left, right };

/// Which model, and what is not as its checkpoint says.
struct ModelOptions {
  std::optional<std::string> model;  ///< folder, or org/name[@revision]
  std::string family;                ///< "": as config.json says
  std::optional<int> mask_id;
  std::optional<std::vector<int>> end_ids;
  std::optional<bool> shift;
  bool allow_code = false;
};

/// Where and in which numbers the network is computed.
struct MachineOptions {
  int threads = 0;  ///< 0: as many as this process may use
  ComputeType dtype = ComputeType::automatic;
  Device device = Device::automatic;
};

/// How a prompt becomes token ids.
struct PromptOptions {
  std::optional<std::string> system;
  std::optional<std::string> chat;
  std::vector<std::string> template_args;  ///< "NAME=VALUE", a variable for the chat template each
  bool raw = false;
  bool allow_special = false;
  bool lossy = false;
  Truncate truncate = Truncate::none;
};

/// What is written for a prompt.
struct RunOptions {
  std::optional<std::string> preset;
  std::vector<std::pair<std::string, std::string>> decoding;  ///< for set_option: name, value
  std::optional<std::uint64_t> seed;
  int num = 1;                     ///< drafts
  std::vector<std::string> stops;  ///< texts before which an answer is cut; none is empty
  double deadline = 0;             ///< seconds from the start of the command; 0: none
  int max_forwards = 0;            ///< 0: no limit

  /// The value of decoding option `name` as typed, or nullopt.
  std::optional<std::string> typed(std::string_view name) const;

  /// Adds a decoding option. Error{usage} for a value that it does not take.
  void type(std::string_view name, std::string_view value);
};

struct Settings {
  ModelOptions model;
  MachineOptions machine;
  PromptOptions prompt;
  RunOptions run;
};

/// All of them but for the decoding options (option_specs), in the order of help.
std::span<const Setting<Settings>> settings();

}  // namespace unmask
