#include "io/progress.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/log.h"
#include "base/utf8.h"
#include "io/output.h"
#include "io/terminal.h"

namespace unmask {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::seconds kLogEvery{10};
constexpr int kBarWidth = 20;
constexpr int kUnlimited = 1000;  // columns of a line in a log

std::size_t width() { return static_cast<std::size_t>(std::max(terminal_width(Stream::error), 8)); }

std::string bar(const ProgressState& state) {
  const int full = state.total > 0 ? kBarWidth * state.done / state.total : 0;
  std::string drawn = "▕";
  for (int i = 0; i < kBarWidth; ++i) drawn += i < full ? "█" : " ";
  return drawn + "▏";
}

std::string time_left(const ProgressState& state) {
  const double per_step = state.seconds / std::max(1, state.step);
  const int seconds = static_cast<int>(std::lround(per_step * (state.steps - state.step)));
  const std::string digits = std::to_string(seconds % 60);
  return std::to_string(seconds / 60) + (digits.size() < 2 ? ":0" : ":") + digits + " left";
}

}  // namespace

std::string progress_line(const ProgressState& state, int width) {
  const std::string steps =
      "step " + std::to_string(state.step) + "/" + std::to_string(state.steps);
  const std::string tokens =
      std::to_string(state.done) + "/" + std::to_string(state.total) + " tokens";
  std::string rest;
  if (state.seconds > 0) {
    rest = " " + std::to_string(std::lround(state.done / state.seconds)) + " tok/s " +
           time_left(state);
  }
  const auto fits = [&](std::size_t columns) { return columns < static_cast<std::size_t>(width); };
  const std::size_t plain = steps.size() + 1 + tokens.size() + rest.size();
  if (fits(plain + kBarWidth + 3)) return steps + " " + bar(state) + " " + tokens + rest;
  if (fits(plain)) return steps + " " + tokens + rest;
  return fits(steps.size()) ? steps : "";
}

Progress::Progress(Kind kind, std::vector<int> open)
    : kind_(kind),
      open_(std::move(open)),
      total_(std::accumulate(open_.begin(), open_.end(), 0)),
      begin_(Clock::now()),
      next_(kind == Kind::line ? begin_ : begin_ + kLogEvery) {}

Progress::~Progress() { clear(); }

void Progress::say(const std::string& text) {
  if (kind_ == Kind::line) draw(utf8::printable(text, width() - 4));
}

void Progress::start() { begin_ = Clock::now(); }

void Progress::draw(const std::string& line) {
  write_stderr("\r" + line + "\x1b[K");
  visible_ = true;
}

void Progress::on_step(const StepEvent& event) {
  if (kind_ == Kind::none) return;
  open_.at(event.request) = event.open;
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + (kind_ == Kind::line ? Clock::duration(kRedraw) : kLogEvery);
  const int left = std::accumulate(open_.begin(), open_.end(), 0);
  const ProgressState state{event.step + 1, event.steps, total_ - left, total_,
                            std::chrono::duration<double>(now - begin_).count()};
  if (kind_ == Kind::log) {
    log::info(progress_line(state, kUnlimited));
  } else {
    draw(progress_line(state, terminal_width(Stream::error)));
  }
}

void Progress::clear() {
  if (visible_) write_stderr("\r\x1b[K");
  visible_ = false;
}

Progress::Kind progress_kind(bool quiet, bool verbose) {
  if (quiet) return Progress::Kind::none;
  if (can_redraw(Stream::error)) return Progress::Kind::line;
  return verbose ? Progress::Kind::log : Progress::Kind::none;
}

}  // namespace unmask
