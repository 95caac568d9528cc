// What a person chooses about a batch, beside the settings of every run.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "batch/journal.h"
#include "batch/lines.h"
#include "session/settings.h"
#include "unmask/engine.h"

namespace unmask {

struct BatchOptions {
  bool lines = false;                   ///< every line of the input is a prompt
  std::uint64_t max_line = kLineLimit;  ///< bytes
  BatchLimits together{.requests = 8, .tokens = 8192};
  bool resume = false;
  bool resume_failed = false;
  bool overwrite = false;
  bool force_resume = false;
  bool unordered = false;
  bool strict = false;
  std::optional<std::string> report;
  std::optional<std::string> store;  ///< where ranks meet: "HOST:PORT", or a file
};

/// Their table, in the order of help.
std::span<const Setting<BatchOptions>> batch_settings();

/// What they say about an output that is there. Error{usage} where they contradict each other.
Existing existing_output(const BatchOptions& options);

/// A batch that is to be done.
struct BatchJob {
  std::string input = "-";            ///< "-" is standard input
  std::optional<std::string> output;  ///< none: standard output
  Settings settings;                  ///< of lines that do not have their own
  BatchOptions options;
  /// Names by which a line asks for what can only be set for all of them.
  std::set<std::string, std::less<>> for_all;
  bool quiet = false;
  bool verbose = false;
};

}  // namespace unmask
