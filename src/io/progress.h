// How far the denoising is, on the last line of a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "io/status_line.h"
#include "unmask/events.h"

namespace unmask {

/// The numbers of one progress line.
struct ProgressState {
  int step = 0;
  int steps = 0;
  int done = 0;   ///< positions committed, over all drafts
  int total = 0;  ///< positions to be committed, over all drafts
  double seconds = 0;
};

/// "step 23/64 ▕████    ▏ 118/256 tokens 41 tok/s 0:03 left", in at most `width` columns.
std::string progress_line(const ProgressState& state, int width);

/// Draws the line on stderr and draws over it, at most ten times a second. Where stderr is no
/// terminal it says nothing, or with -v a plain line every ten seconds.
class Progress : public Events {
 public:
  using Kind = StatusLine::Kind;

  /// `open[i]` is how many positions draft i has to fill.
  Progress(Kind kind, std::vector<int> open);

  /// What is going on before the first step.
  void say(const std::string& text);
  /// The denoising begins: speed is counted from here.
  void start();
  void on_step(const StepEvent& event) override;

  /// Leaves the terminal as it was.
  void clear();

 private:
  StatusLine status_;
  std::vector<int> open_;  // per draft, as of its last step
  int total_;
  Clock::time_point begin_;
};

/// Kind of progress for this process's stderr.
Progress::Kind progress_kind(bool quiet, bool verbose);

}  // namespace unmask
