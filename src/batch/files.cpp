#include "batch/files.h"

#include <utility>

namespace unmask {
namespace {

/// Answers of a pipe that wait for an earlier one, and lines under way, together at most.
constexpr std::size_t kWindow = 1024;

}  // namespace

BatchFiles::BatchFiles(const BatchJob& job, IsOurs is_ours, Journal& journal,
                       BatchProgress& progress, BatchReport& report)
    : reader_(job.input, job.options.max_line),
      is_ours_(std::move(is_ours)),
      journal_(journal),
      progress_(progress),
      report_(report),
      unordered_(job.options.unordered),
      reorder_(kWindow) {}

std::optional<InputLine> BatchFiles::take(bool patient) {
  const bool may_begin = !waits_for_order() || reorder_.has_room();
  if (!may_begin || (!patient && !reader_.is_ready())) return std::nullopt;
  auto line = reader_.next();
  if (!line) return std::nullopt;
  ++report_.lines;
  InputLine taken = to_input_line(std::move(*line));
  taken.is_answered = !is_ours_(taken.number);
  if (taken.is_answered) {
    ++report_.skipped;
    progress_.skip();
  } else if (waits_for_order()) {
    places_[taken.number] = reorder_.begin();
  }
  return taken;
}

void BatchFiles::answer(Answered answer) {
  if (!waits_for_order()) return write(answer);
  const auto place = places_.extract(answer.line).mapped();
  reorder_.put(place, std::move(answer));
  while (const auto next = reorder_.next()) write(*next);
}

void BatchFiles::write(const Answered& answer) {
  journal_.append(answer.line, answer.json);
  const bool failed = !answer.error.empty();
  ++(failed ? report_.failed : report_.done);
  if (failed) ++report_.errors[answer.error];
  report_.prompt_tokens += answer.prompt_tokens;
  report_.tokens += answer.tokens;
  report_.forwards += answer.forwards;
  progress_.line_done(answer.tokens, failed);
}

}  // namespace unmask
