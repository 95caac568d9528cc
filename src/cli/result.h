// What a run gave, as text and as the object of --json.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/plan.h"
#include "unmask/engine.h"

namespace unmask {

using OrderedJson = nlohmann::ordered_json;

struct Timing {
  double load_seconds = 0;
  double generate_seconds = 0;
};

/// What one draft wrote, cut at its end token.
struct Answer {
  std::vector<int> ids;  ///< the generated ones; with `-n 0` those that filled open positions
  std::string text;      ///< as the tokenizer gives it, possibly with invalid UTF-8
  bool stopped = false;  ///< cut before a text of --stop
};

/// The text of `-n 0` is the whole filled canvas.
Answer read_answer(const Plan& plan, const Generation& generation);

/// The text without the line breaks at its end; ids where there is no tokenizer.
std::string answer_text(const Plan& plan, const Answer& answer);

/// What is written to a file or terminal: that text and one line break.
std::string answer_line(const Plan& plan, const Answer& answer);

/// The object of --json; its keys are always the same, but for "canvas", which only --ids has.
OrderedJson result_json(const Plan& plan, const Generation& generation, std::uint64_t seed,
                        const Timing& timing);

/// The resolved options, by the names of their flags.
OrderedJson options_json(const DecodeOptions& options);

/// The header line of --trace.
OrderedJson trace_header(const Plan& plan);

/// The object of --dry-run.
OrderedJson plan_json(const Plan& plan);

/// One line for --stats.
std::string stats_line(const Plan& plan, const std::vector<Generation>& generations,
                       const Timing& timing);

/// {"path", "family"}.
OrderedJson model_json(const Setup& setup);

/// JSON without line breaks. Bytes that are no UTF-8 become U+FFFD.
std::string json_text(const OrderedJson& json);

/// The same and a line break.
std::string json_line(const OrderedJson& json);

}  // namespace unmask
