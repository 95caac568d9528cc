#include "session/session.h"

#include <utility>

#include "base/clock.h"
#include "session/engine_library.h"

namespace unmask {

Engine& Session::engine() {
  if (engine_ == nullptr) {
    const auto begin = Clock::now();
    engine_ = load_engine(setup_->engine);
    load_seconds_ = seconds_since(begin);
  }
  return *engine_;
}

Answers Session::answer(const Plan& plan, double seconds_left, Events* events) {
  Engine& loaded = engine();
  const auto begin = Clock::now();
  std::vector<Generation> generations = loaded.generate(make_requests(plan, seconds_left), events);
  Answers answers;
  answers.timing = {.load_seconds = load_seconds_, .generate_seconds = seconds_since(begin)};
  std::uint64_t seed = plan.seed;
  for (Generation& generation : generations) {
    answers.drafts.push_back(read_answer(plan, std::move(generation), seed++));
  }
  return answers;
}

}  // namespace unmask
