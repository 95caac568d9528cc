#include "session/answer.h"

#include <algorithm>
#include <utility>

namespace unmask {
namespace {

bool ends_text(const Plan& plan, int id) {
  const std::vector<int>& ends = plan.options.end_ids;
  return std::find(ends.begin(), ends.end(), id) != ends.end();
}

/// Cuts the answer before the first stop text. It is looked for in the text, not among the tokens,
/// because it may begin or end within one; the ids that reach up to it are kept.
void cut_at_stop(const Plan& plan, Answer& answer) {
  std::size_t end = std::string::npos;
  for (const std::string& stop : plan.stops) end = std::min(end, answer.text.find(stop));
  if (end == std::string::npos) return;
  answer.text.resize(end);
  answer.stopped = true;
  const auto reaches = [&](std::size_t count) {
    return plan.setup->tokenizer->decode(std::span(answer.ids).first(count)).size() >= end;
  };
  std::size_t kept = answer.ids.size();
  while (kept > 0 && reaches(kept - 1)) --kept;
  answer.ids.resize(kept);
}

template <class Value>
Value sum(const std::vector<Answer>& drafts, Value (*of)(const Answer&)) {
  Value all = 0;
  for (const Answer& draft : drafts) all += of(draft);
  return all;
}

}  // namespace

std::size_t Answers::tokens() const {
  return sum<std::size_t>(drafts, [](const Answer& draft) { return draft.ids.size(); });
}

int Answers::steps() const {
  return sum<int>(drafts, [](const Answer& draft) { return draft.steps; });
}

int Answers::forwards() const {
  return sum<int>(drafts, [](const Answer& draft) { return draft.forwards; });
}

Answer read_answer(const Plan& plan, Generation generation, std::uint64_t seed) {
  Answer answer{.canvas = std::move(generation.canvas),
                .holes = std::move(generation.holes),
                .ids = {},
                .text = {},
                .finish = generation.finish,
                .steps = generation.steps,
                .forwards = generation.forwards,
                .seed = seed};
  const std::vector<int>& canvas = answer.canvas;
  const auto begin = canvas.begin() + plan.prompt_tokens();
  // A canvas of whole blocks may be longer than what was asked for.
  const auto last = begin + std::min<std::ptrdiff_t>(plan.options.length, canvas.end() - begin);
  const bool cut_short = answer.finish == Finish::deadline || answer.finish == Finish::budget;
  const auto end = std::find_if(begin, last, [&](int id) {
    return ends_text(plan, id) || (cut_short && id == plan.setup->facts.mask_id);  // still open
  });
  answer.ids.assign(begin, end);
  const bool infilling = plan.options.length == 0 && !answer.holes.empty();
  for (const Range& hole : infilling ? answer.holes : std::vector<Range>{}) {
    answer.ids.insert(answer.ids.end(), canvas.begin() + hole.begin, canvas.begin() + hole.end);
  }
  if (plan.setup->tokenizer)
    answer.text = plan.setup->tokenizer->decode(infilling ? canvas : answer.ids);
  if (plan.setup->tokenizer && !infilling) cut_at_stop(plan, answer);
  return answer;
}

std::string_view finish_name(const Answer& answer) {
  if (answer.stopped) return "stop";
  switch (answer.finish) {
    case Finish::end:
      return "end";
    case Finish::length:
      return "length";
    case Finish::deadline:
      return "deadline";
    case Finish::budget:
      return "budget";
    case Finish::converged:
      return "converged";
  }
  return "length";
}

std::string answer_text(const Plan& plan, const Answer& answer) {
  std::string line;
  if (plan.setup->tokenizer) {
    line = answer.text.substr(0, answer.text.find_last_not_of('\n') + 1);
  } else {
    for (const int id : answer.ids) line += (line.empty() ? "" : " ") + std::to_string(id);
  }
  return line;
}

std::string answer_line(const Plan& plan, const Answer& answer) {
  return answer_text(plan, answer) + '\n';
}

}  // namespace unmask
