#include "batch/options.h"

#include <limits>
#include <vector>

#include "base/values.h"

namespace unmask {
namespace {

using Row = Setting<BatchOptions>;
using Text = std::string_view;

constexpr int kMaxTogether = 1024;
constexpr int kMaxTokens = std::numeric_limits<int>::max();

/// What a line gets depends neither on its neighbours nor on what becomes of the output.
Row toggle(const char* name, const char* help, bool BatchOptions::*member,
           Decides decides = Decides::nothing) {
  return {.name = name,
          .group = "Batch",
          .help = help,
          .decides = decides,
          .access = turned_on<BatchOptions>([member](auto& o) -> auto& { return o.*member; })};
}

Row value(const char* name, const char* value, const char* help, Access<BatchOptions> access,
          Decides decides = Decides::nothing) {
  return {.name = name,
          .value = value,
          .group = "Batch",
          .help = help,
          .decides = decides,
          .access = std::move(access)};
}

std::vector<Row> make_rows() {
  using Options = BatchOptions;
  return {
      toggle("lines", "Every line of the input is a prompt, as it stands.", &Options::lines,
             Decides::answer),
      value("max-line", "SIZE", "Refuse lines that are longer (16MiB).",
            parsed<Options>(
                [](auto& o) -> auto& { return o.max_line; },
                [](Text v) { return parse_size("--max-line", v); }),
            Decides::answer),
      value("batch", "N", "Texts that are decoded together, at most (8).",
            parsed<Options>(
                [](auto& o) -> auto& { return o.together.requests; },
                [](Text v) { return parse_integer("--batch", v, 1, kMaxTogether); })),
      value("batch-tokens", "N",
            "Tokens of these texts together, prompts included, at most (8192); 0: no limit.",
            parsed<Options>(
                [](auto& o) -> auto& { return o.together.tokens; },
                [](Text v) { return parse_integer("--batch-tokens", v, 0, kMaxTokens); })),
      toggle("resume", "Go on where a run with the same output was broken off.", &Options::resume),
      toggle("resume-failed", "Go on, and do the lines again that failed.",
             &Options::resume_failed),
      toggle("overwrite", "Start anew although the output exists.", &Options::overwrite),
      toggle("force-resume", "Go on although model, options or input are not what they were.",
             &Options::force_resume),
      toggle("unordered", "Write answers as they come, not in the input's order.",
             &Options::unordered),
      toggle("strict", "Check every line first; begin only if all are fine.", &Options::strict),
      value("report", "FILE", "Write what the run came to as a JSON object.",
            kept<Options>([](auto& o) -> auto& { return o.report; })),
      value("store", "PLACE",
            "Where the processes of a run meet: HOST:PORT, or a file that all of them see.",
            kept<Options>([](auto& o) -> auto& { return o.store; }))};
}

}  // namespace

std::span<const Setting<BatchOptions>> batch_settings() {
  static const std::vector<Row> rows = make_rows();
  return rows;
}

Existing existing_output(const BatchOptions& options) {
  if (options.resume + options.resume_failed + options.overwrite > 1) {
    throw Error(ErrorCode::usage, "--resume, --resume-failed and --overwrite exclude each other",
                "give one of them");
  }
  if (options.overwrite) return Existing::overwrite;
  if (options.resume_failed) return Existing::resume_failed;
  return options.resume ? Existing::resume : Existing::refuse;
}

}  // namespace unmask
