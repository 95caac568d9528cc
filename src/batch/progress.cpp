#include "batch/progress.h"

#include <cmath>
#include <utility>

namespace unmask {
namespace {

/// How long the rest takes at the speed of this run; nothing where that is not known.
std::string time_left(const BatchState& state) {
  const std::uint64_t now = state.done - state.skipped;
  if (!state.total || now == 0 || *state.total < state.done) return "";
  const double per_line = state.seconds / static_cast<double>(now);
  return " " + clock_text(per_line * static_cast<double>(*state.total - state.done)) + " left";
}

}  // namespace

std::string batch_line(const BatchState& state, int width) {
  const std::string lines = std::to_string(state.done) + "/" +
                            (state.total ? std::to_string(*state.total) : "?") + " lines";
  std::string rest;
  if (state.seconds > 0) {
    const double speed = static_cast<double>(state.tokens) / state.seconds;
    rest = " " + std::to_string(std::llround(speed)) + " tok/s" + time_left(state);
  }
  if (state.failed > 0) rest += ", " + std::to_string(state.failed) + " failed";
  const auto fits = [&](std::size_t columns) { return columns < static_cast<std::size_t>(width); };
  const std::size_t plain = lines.size() + rest.size();
  if (state.total && fits(plain + kProgressBarColumns + 1)) {
    const auto done = static_cast<double>(state.done);
    return lines + " " + progress_bar(done, static_cast<double>(*state.total)) + rest;
  }
  if (fits(plain)) return lines + rest;
  return fits(lines.size()) ? lines : "";
}

BatchProgress::BatchProgress(StatusLine::Kind kind, std::optional<std::uint64_t> total)
    : status_(kind), begin_(Clock::now()) {
  state_.total = total;
}

void BatchProgress::say(const std::string& text) { status_.say(text); }

void BatchProgress::start() {
  const auto total = std::exchange(state_, {}).total;
  state_.total = total;
  begin_ = Clock::now();
}

void BatchProgress::skip() {
  ++state_.done;
  ++state_.skipped;
}

void BatchProgress::line_done(std::uint64_t tokens, bool failed) {
  ++state_.done;
  state_.tokens += tokens;
  state_.failed += failed ? 1 : 0;
  tick();
}

void BatchProgress::tick() {
  if (!status_.due()) return;
  state_.seconds = seconds_since(begin_);
  status_.show(batch_line(state_, status_.width()));
}

void BatchProgress::clear() { status_.clear(); }

}  // namespace unmask
