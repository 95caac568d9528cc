#include "batch/queue.h"

#include <utility>

#include "batch/answer.h"
#include "unmask/error.h"

namespace unmask {

BatchQueue::BatchQueue(LinePlanner& planner, double load_seconds, BatchEnds& ends)
    : planner_(planner),
      load_seconds_(load_seconds),
      created_(std::chrono::duration_cast<std::chrono::seconds>(
                   std::chrono::system_clock::now().time_since_epoch())
                   .count()),
      ends_(ends) {}

std::optional<GenerationRequest> BatchQueue::next() {
  while (waiting_.empty()) {
    const auto line = ends_.take(under_way_.empty());
    if (!line) return std::nullopt;
    accept(*line);
  }
  auto [draft, request] = std::move(waiting_.front());
  waiting_.pop_front();
  under_way_.emplace(taken_++, std::move(draft));
  return std::move(request);
}

void BatchQueue::accept(const InputLine& line) {
  if (line.is_answered) return planner_.pass_over(line);
  auto pending = std::make_shared<Pending>();
  try {
    pending->plan = planner_.plan(line, pending->item);
  } catch (const Error& error) {
    return answer_error(pending->item, error);
  }
  std::vector<GenerationRequest> requests = make_requests(pending->plan, pending->plan.deadline);
  pending->answers.drafts.resize(requests.size());
  pending->missing = requests.size();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    waiting_.emplace_back(Draft{pending, i}, std::move(requests[i]));
  }
}

void BatchQueue::finished(std::size_t number, Generation generation) {
  const auto found = under_way_.extract(number);
  const Draft& draft = found.mapped();
  Pending& line = *draft.line;
  line.answers.drafts[draft.index] =
      read_answer(line.plan, std::move(generation), line.plan.seed + draft.index);
  ended(draft);
}

void BatchQueue::failed(std::size_t number, const Error& error) {
  const auto found = under_way_.extract(number);
  found.mapped().line->error = error;
  ended(found.mapped());
}

void BatchQueue::ended(const Draft& draft) {
  Pending& line = *draft.line;
  if (--line.missing > 0) return;
  if (line.error) return answer_error(line.item, *line.error);
  line.answers.timing = {.load_seconds = load_seconds_,
                         .generate_seconds = seconds_since(line.begin)};
  Answered answer{.line = line.item.line,
                  .json = json_text(answer_json(line.item, line.plan, line.answers, created_)),
                  .error = {},
                  .prompt_tokens = static_cast<std::size_t>(line.plan.prompt_tokens()),
                  .tokens = line.answers.tokens(),
                  .forwards = line.answers.forwards()};
  ends_.answer(std::move(answer));
}

void BatchQueue::answer_error(const BatchItem& item, const Error& error) {
  ends_.answer(
      {.line = item.line, .json = json_text(error_json(item, error)), .error = error_code(error)});
}

}  // namespace unmask
