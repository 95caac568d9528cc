// How far a batch is, on the last line of a terminal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "io/status_line.h"

namespace unmask {

/// The numbers of one progress line.
struct BatchState {
  std::uint64_t done = 0;              ///< lines that need no more work, failed ones included
  std::uint64_t skipped = 0;           ///< those among them that an earlier run has done
  std::optional<std::uint64_t> total;  ///< lines of the input, where that is known
  std::uint64_t failed = 0;
  std::uint64_t tokens = 0;  ///< generated in this run
  double seconds = 0;        ///< of this run
};

/// "120/1000 lines ▕██      ▏ 410 tok/s 1:13 left, 2 failed", in at most `width` columns.
std::string batch_line(const BatchState& state, int width);

/// Draws the line on stderr as Progress does, at most ten times a second; with -v and no terminal a
/// plain line every ten seconds.
class BatchProgress {
 public:
  BatchProgress(StatusLine::Kind kind, std::optional<std::uint64_t> total);

  /// What is going on before the first line.
  void say(const std::string& text);
  /// A pass over the input begins: lines and speed are counted from here.
  void start();
  /// A line that an earlier run has done.
  void skip();
  /// A line that is done now.
  void line_done(std::uint64_t tokens, bool failed);
  /// Draws the line if it is time to: for long lines, call it after every step.
  void tick();
  /// Leaves the terminal as it was, for instance before something else is said there.
  void clear();

 private:
  StatusLine status_;
  BatchState state_;
  Clock::time_point begin_;
};

}  // namespace unmask
