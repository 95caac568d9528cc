// One line at the foot of a terminal that is drawn over, or now and then a line of a log.
#pragma once

#include <string>

#include "base/clock.h"

namespace unmask {

class StatusLine {
 public:
  /// A log gets a plain line with -v.
  enum class Kind { none, line, log };

  explicit StatusLine(Kind kind);
  ~StatusLine();

  Kind kind() const { return kind_; }

  /// Whether it is time to show something again: every tenth of a second on a terminal, every ten
  /// seconds in a log. The caller shows it then.
  bool due();

  /// How many columns a line may have.
  int width() const;

  void show(const std::string& line);

  /// Shows `text`, which may hold anything, on a terminal; a log leaves it out.
  void say(const std::string& text);

  /// Leaves the terminal as it was.
  void clear();

 private:
  Kind kind_;
  Clock::time_point next_;  // when a line is due
  bool visible_ = false;
};

/// "▕████    ▏", `done` of `total`.
std::string progress_bar(double done, double total);
inline constexpr int kProgressBarColumns = 22;

/// "1:05", in minutes and seconds; "2:00:05" from an hour on.
std::string clock_text(double seconds);

}  // namespace unmask
