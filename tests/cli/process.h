// Runs the real executable as a shell would.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace unmask::testing {

struct Launch {
  std::string program = UNMASK_BINARY;
  std::vector<std::string> arguments;
  std::optional<std::string> input;  ///< written to a pipe on standard input; none: /dev/null
  bool silent_input = false;         ///< a pipe on standard input that nobody writes to or closes
  std::vector<std::pair<std::string, std::string>> environment;  ///< an empty value unsets
  std::string output_path;           ///< a file instead of the pipe on standard output
  bool output_closed_early = false;  ///< the pipe on standard output has no reader
  std::vector<int> closed;           ///< descriptors that are closed at start
  /// Called once the process runs; may send signals.
  std::function<void(pid_t)> while_running;
};

struct Finished {
  int status = -1;  ///< exit code, or 128 + the signal that ended it
  bool by_signal = false;
  std::string out;
  std::string err;
  double seconds = 0;
};

/// Runs UNMASK_BINARY to its end, with the llada fixture as model.
Finished launch(const Launch& launch);

/// The same without anything on standard input.
Finished unmask(const std::vector<std::string>& arguments);

/// With `text` in a pipe on standard input.
Finished unmask_with_input(const std::string& text, const std::vector<std::string>& arguments);

/// Runs it with all three streams on a pseudo terminal of 80 columns; `out` is what that shows.
/// `typed` is typed once the process runs.
Finished unmask_on_terminal(
    const std::vector<std::string>& arguments, const std::string& typed = "",
    const std::vector<std::pair<std::string, std::string>>& environment = {});

/// tests/fixtures/NAME/model.
std::string model_folder(const std::string& name);

/// Whether this build has the engine. Where it has, a missing library is a failure, not a skip.
bool has_engine();

/// For tests that open weights: skipped in a build of the text half alone.
class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override;
};

using Words = std::vector<std::string>;
Words operator+(Words words, const Words& more);

/// What --json prints for these arguments.
Json result_of(const Words& arguments);

}  // namespace unmask::testing
