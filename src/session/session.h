// A model that is being worked with: what is known of it, and its engine once it is needed.
#pragma once

#include <memory>

#include "session/answer.h"
#include "session/plan.h"
#include "session/setup.h"
#include "unmask/engine.h"

namespace unmask {

class Session {
 public:
  /// Reads what make_setup() does; opens no weights.
  Session(const Settings& settings, Prompts prompts, bool is_conversation = false)
      : setup_(make_setup(settings, prompts, is_conversation)) {}

  const std::shared_ptr<const Setup>& setup() const { return setup_; }

  /// What a prompt comes to. Errors as make_plan().
  Plan plan(const Settings& settings, const Prompt& prompt) const {
    return make_plan(setup_, settings, prompt);
  }

  /// The engine with the weights; the first call loads them. Errors as load_engine().
  Engine& engine();
  double load_seconds() const { return load_seconds_; }

  /// Carries out a plan of this session. `seconds_left`: until its deadline, 0 where there is none.
  /// Errors as Engine::generate().
  Answers answer(const Plan& plan, double seconds_left, Events* events);

 private:
  std::shared_ptr<const Setup> setup_;
  std::unique_ptr<Engine> engine_;
  double load_seconds_ = 0;
};

}  // namespace unmask
