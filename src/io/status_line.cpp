#include "io/status_line.h"

#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "base/utf8.h"
#include "io/output.h"
#include "io/terminal.h"

namespace unmask {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::seconds kLogEvery{10};
constexpr int kBarWidth = kProgressBarColumns - 2;
constexpr int kUnlimited = 1000;  // columns of a line in a log

std::string two_digits(long long value) { return (value < 10 ? "0" : "") + std::to_string(value); }

}  // namespace

StatusLine::StatusLine(Kind kind)
    : kind_(kind), next_(kind == Kind::line ? Clock::now() : Clock::now() + kLogEvery) {}

StatusLine::~StatusLine() { clear(); }

bool StatusLine::due() {
  if (kind_ == Kind::none) return false;
  const auto now = Clock::now();
  if (now < next_) return false;
  next_ = now + (kind_ == Kind::line ? Clock::duration(kRedraw) : kLogEvery);
  return true;
}

int StatusLine::width() const {
  return kind_ == Kind::log ? kUnlimited : terminal_width(StandardStream::error);
}

void StatusLine::show(const std::string& line) {
  if (kind_ == Kind::log) log::info(line);
  if (kind_ != Kind::line) return;
  write_stderr("\r" + line + "\x1b[K");
  visible_ = true;
}

void StatusLine::say(const std::string& text) {
  const int room = std::max(width(), 8) - 4;  // for "..."
  if (kind_ == Kind::line) show(utf8::printable(text, static_cast<std::size_t>(room)));
}

void StatusLine::clear() {
  if (visible_) write_stderr("\r\x1b[K");
  visible_ = false;
}

std::string progress_bar(double done, double total) {
  const int full = total > 0 ? static_cast<int>(kBarWidth * done / total) : 0;
  std::string drawn = "▕";
  for (int i = 0; i < kBarWidth; ++i) drawn += i < full ? "█" : " ";
  return drawn + "▏";
}

std::string clock_text(double seconds) {
  constexpr double kLongest = 1e12;  // of what is worth showing
  const long long whole = std::llround(std::clamp(seconds, 0.0, kLongest));
  const std::string end = ":" + two_digits(whole % 60);
  if (whole < 3600) return std::to_string(whole / 60) + end;
  return std::to_string(whole / 3600) + ":" + two_digits(whole / 60 % 60) + end;
}

}  // namespace unmask
