// How long a request may take.
#pragma once

#include <optional>

#include "base/clock.h"
#include "unmask/engine.h"

namespace unmask {

/// Counts the passes of a request and knows when there is no more room for another one.
class Limits {
 public:
  explicit Limits(const GenerationRequest& request);

  void begin_pass();
  void end_pass();

  /// Passes that have ended.
  int forwards() const { return forwards_; }

  /// Why the next pass has to be the last one, if it has to. For the deadline it is when the one
  /// after it would probably end too late.
  std::optional<Finish> reached() const;

 private:
  int max_forwards_;
  double deadline_seconds_;
  int forwards_ = 0;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point pass_begin_ = begin_;
  double pass_seconds_ = 0;  // of the longest pass
};

}  // namespace unmask
