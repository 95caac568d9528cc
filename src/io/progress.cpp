#include "io/progress.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "io/terminal.h"

namespace unmask {
namespace {

std::string time_left(const ProgressState& state) {
  const double per_step = state.seconds / std::max(1, state.step);
  return clock_text(per_step * (state.steps - state.step)) + " left";
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
  if (fits(plain + kProgressBarColumns + 1)) {
    return steps + " " + progress_bar(state.done, state.total) + " " + tokens + rest;
  }
  if (fits(plain)) return steps + " " + tokens + rest;
  return fits(steps.size()) ? steps : "";
}

Progress::Progress(Kind kind, std::vector<int> open)
    : status_(kind),
      open_(std::move(open)),
      total_(std::accumulate(open_.begin(), open_.end(), 0)),
      begin_(Clock::now()) {}

void Progress::say(const std::string& text) { status_.say(text); }

void Progress::start() { begin_ = Clock::now(); }

void Progress::on_step(const StepEvent& event) {
  if (status_.kind() == Kind::none) return;
  open_.at(event.request) = event.open;
  if (!status_.due()) return;
  const int left = std::accumulate(open_.begin(), open_.end(), 0);
  const ProgressState state{event.step + 1, event.steps, total_ - left, total_,
                            seconds_since(begin_)};
  status_.show(progress_line(state, status_.width()));
}

void Progress::clear() { status_.clear(); }

Progress::Kind progress_kind(bool quiet, bool verbose) {
  if (quiet) return Progress::Kind::none;
  if (can_redraw(StandardStream::error)) return Progress::Kind::line;
  return verbose ? Progress::Kind::log : Progress::Kind::none;
}

}  // namespace unmask
