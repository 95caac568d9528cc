// What a run gave and what it was to be, as JSON and as --stats.
#pragma once

#include <string>

#include "base/json_text.h"
#include "session/answer.h"

namespace unmask {

/// The object of --json; its keys are always the same, but for "canvas", which only --ids has.
OrderedJson result_json(const Plan& plan, const Answer& answer, const Timing& timing);

/// The resolved options, by the names of their flags.
OrderedJson options_json(const DecodeOptions& options);

/// The header line of --trace.
OrderedJson trace_header(const Plan& plan);

/// The object of --dry-run.
OrderedJson plan_json(const Plan& plan);

/// One line for --stats.
std::string stats_line(const Plan& plan, const Answers& answers);

/// {"path", "family"}.
OrderedJson model_json(const Setup& setup);

}  // namespace unmask
