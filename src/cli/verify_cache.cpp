#include "cli/verify_cache.h"

#include <algorithm>

#include "base/range.h"
#include "rules/cards.h"
#include "unmask/error.h"

namespace unmask {
namespace {

/// "87.5", rounded down, so that it is 100 only where all are equal.
std::string percent(std::size_t part, std::size_t whole) {
  const std::size_t tenths = whole == 0 ? 1000 : part * 1000 / whole;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string report(const Plan& plan, const Answer& cached, const Answer& exact, std::size_t draft,
                   const WriteSteps& steps) {
  // What lies behind the answer is not of interest.
  const std::size_t length = std::max(cached.ids.size(), exact.ids.size());
  std::vector<Range> stretches = cached.holes;
  const int prompt = plan.prompt_tokens();
  if (plan.options.length > 0) stretches.push_back({prompt, prompt + static_cast<int>(length)});
  std::vector<std::size_t> compared;
  for (const Range& stretch : stretches) {
    for (const int position : indices(stretch)) {
      compared.push_back(static_cast<std::size_t>(position));
    }
  }
  std::size_t equal = 0, first = 0;
  bool differs = false;
  for (const std::size_t position : compared) {
    if (cached.canvas[position] == exact.canvas[position]) {
      ++equal;
    } else if (!differs || steps.step_of(draft, position) < steps.step_of(draft, first)) {
      first = position;
      differs = true;
    }
  }
  const std::string name = "cache " + option_text(plan.options, "cache") +
                           (plan.num > 1 ? ", draft " + std::to_string(draft + 1) : "");
  std::string line = name + ": " + std::to_string(equal) + " of " +
                     std::to_string(compared.size()) + " tokens (" +
                     percent(equal, compared.size()) + " %) are the same without it";
  if (differs) {
    const int step = steps.step_of(draft, first);
    line += "; the first other one is at " +
            (step == WriteSteps::kNever ? "" : "step " + std::to_string(step) + ", ") +
            "position " + std::to_string(first) + ": " + std::to_string(cached.canvas[first]) +
            ", not " + std::to_string(exact.canvas[first]);
  }
  return line + '\n';
}

}  // namespace

void WriteSteps::on_step(const StepEvent& event) {
  std::vector<int>& steps = steps_[event.request];
  steps.resize(event.canvas.size(), kNever);
  for (const std::span<const int> positions : {event.committed, event.revised}) {
    for (const int position : positions) steps[static_cast<std::size_t>(position)] = event.step;
  }
}

int WriteSteps::step_of(std::size_t draft, std::size_t position) const {
  return position < steps_[draft].size() ? steps_[draft][position] : kNever;
}

Plan uncached(const Plan& plan) {
  if (cache_of(plan.options).card->make == nullptr) {
    throw Error(ErrorCode::usage,
                "--verify-cache compares with decoding without a cache, and there is none",
                "add --cache prefix, dual or another one");
  }
  Plan exact = plan;
  set_option(exact.options, "cache", "none");
  return exact;
}

std::string cache_report(const Plan& plan, const std::vector<Answer>& cached,
                         const std::vector<Answer>& uncached, const WriteSteps& steps) {
  std::string lines;
  for (std::size_t i = 0; i < cached.size(); ++i) {
    lines += report(plan, cached[i], uncached[i], i, steps);
  }
  return lines;
}

}  // namespace unmask
