// What a run wrote. Made once of what the engine gave, and handed on to all that show it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "session/plan.h"
#include "unmask/engine.h"

namespace unmask {

/// What one draft wrote, cut at its end token and before a text of --stop.
struct Answer {
  std::vector<int> canvas;   ///< prompt and generated positions, untrimmed
  std::vector<Range> holes;  ///< where the open segments of the prompt ended up in it
  std::vector<int> ids;      ///< the generated ones; with `-n 0` those that filled open positions
  std::string text;          ///< as the tokenizer gives it, possibly with invalid UTF-8
  bool stopped = false;      ///< cut before a text of --stop
  Finish finish = Finish::length;
  int steps = 0, forwards = 0;
  std::uint64_t seed = 0;
};

struct Timing {
  double load_seconds = 0;
  double generate_seconds = 0;
};

/// All drafts of a prompt.
struct Answers {
  std::vector<Answer> drafts;
  Timing timing;

  std::size_t tokens() const;  ///< that were generated
  int steps() const;
  int forwards() const;
};

/// The text of `-n 0` is the whole filled canvas. The canvas may also be the beginning of one.
Answer read_answer(const Plan& plan, Generation generation, std::uint64_t seed = 0);

/// "end", "length", "stop", "deadline", "budget", "converged".
std::string_view finish_name(const Answer& answer);

/// The text without the line breaks at its end; ids where there is no tokenizer.
std::string answer_text(const Plan& plan, const Answer& answer);

/// What is written to a file or terminal: that text and one line break.
std::string answer_line(const Plan& plan, const Answer& answer);

}  // namespace unmask
