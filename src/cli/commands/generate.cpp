// The command `generate`: prompt -> plan -> engine -> text.
#include <algorithm>
#include <optional>

#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/stream.h"
#include "cli/typed_prompt.h"
#include "cli/verify_cache.h"
#include "io/output.h"
#include "io/progress.h"
#include "io/trace.h"
#include "session/result.h"
#include "session/session.h"

namespace unmask {
namespace {

constexpr std::string_view kIntroduction =
    R"(unmask writes text with masked-diffusion language models.

Usage: unmask [generate] [PROMPT...] [FLAGS]
       unmask batch INPUT -o OUTPUT [FLAGS]
       unmask {commands} [FLAGS]

  unmask "Once upon a time"
  unmask -f report.txt "Summarise this in one sentence."
  git diff | unmask 'Write a commit message for {}' -m org/name
  unmask --temperature 0.7 --seed 1 --num 3 "The dragon"
  unmask -n 64 -s 16 --json --trace steps.jsonl "The dragon" | jq .text

The prompt is words, -p TEXT or -f FILE. Text on standard input comes before it, or replaces {} in it.
The answer and one line break go to standard output, everything else to standard error. A prompt that
is the name of a command, or begins with -, goes after --.

Exit codes: 0 done, 1 failure, 2 usage, 3 checkpoint rejected, 5 resources, 130 interrupted.
)";

/// Hands every event to all that listen.
class Listeners : public Events {
 public:
  void add(Events& listener) { all_.push_back(&listener); }

  void on_step(const StepEvent& event) override {
    for (Events* listener : all_) listener->on_step(event);
  }

 private:
  std::vector<Events*> all_;
};

/// What becomes of the answers.
struct OutputOptions {
  std::optional<std::string> file, trace;
  bool json = false, stream = false, stats = false, dry_run = false, verify_cache = false;
  bool quiet = false, verbose = false;
};

OutputOptions output_options(const Args& args) {
  return {.file = args.output,
          .trace = args.value_of("trace"),
          .json = args.json,
          .stream = args.has("stream"),
          .stats = args.has("stats"),
          .dry_run = args.has("dry-run"),
          .verify_cache = args.has("verify-cache"),
          .quiet = args.quiet,
          .verbose = args.verbose > 0};
}

/// Error{usage} for a result that cannot be written in pieces.
void require_pieces_fit(const OutputOptions& wanted) {
  const auto refuse = [](const std::string& message, const std::string& hint) {
    throw Error(ErrorCode::usage, message, hint);
  };
  if (wanted.json) {
    refuse("--stream writes text, and --json an object at the end",
           "leave one of them out; --trace shows every step");
  }
  if (wanted.file && *wanted.file != "-") {
    refuse("--stream is for standard output; a file is written at the end", "leave -o out");
  }
  if (wanted.verify_cache) {
    refuse("--stream and --verify-cache do not fit", "leave one of them out");
  }
}

/// How much of --deadline is left to the denoising; 0 where there is none.
double seconds_left(const Plan& plan, Clock::time_point begin) {
  constexpr double kLeast = 1e-9;  // the one pass is made in any case
  return plan.deadline > 0 ? std::max(plan.deadline - seconds_since(begin), kLeast) : 0;
}

/// All drafts: objects of one line each, or texts with a blank line between them.
std::string all_answers(bool json, const Plan& plan, const Answers& answers) {
  std::string all;
  for (const Answer& draft : answers.drafts) {
    if (json) {
      all += json_line(result_json(plan, draft, answers.timing));
    } else {
      if (!all.empty()) all += '\n';
      all += answer_line(plan, draft);
    }
  }
  return all;
}

/// Decodes the plan with everybody who listens, and writes the answers.
void write_answers(Session& session, const Plan& plan, const OutputOptions& wanted,
                   const Output& output, Clock::time_point begin) {
  std::optional<Trace> trace;
  if (wanted.trace) trace.emplace(*wanted.trace, trace_header(plan).dump(), plan.num > 1);
  const int open = plan.canvas_tokens() - plan.prompt_tokens() + plan.open_positions();
  // A progress line would be drawn over text that is being written.
  const bool is_quiet = wanted.quiet || (wanted.stream && output.is_terminal());
  Progress progress(progress_kind(is_quiet, wanted.verbose),
                    std::vector<int>(static_cast<std::size_t>(plan.num), open));
  Stream stream(plan, output);
  WriteSteps steps(plan.num);
  Listeners listeners;
  if (trace) listeners.add(*trace);
  listeners.add(progress);
  if (wanted.stream) listeners.add(stream);
  if (wanted.verify_cache) listeners.add(steps);

  progress.say("loading " + plan.setup->checkpoint->where());
  session.engine();
  throw_if_interrupted();
  progress.start();
  const Answers answers = session.answer(plan, seconds_left(plan, begin), &listeners);
  throw_if_interrupted();
  std::string report;
  if (wanted.verify_cache) {
    progress.say("decoding without the cache");
    const Answers exact = session.answer(uncached(plan), 0, nullptr);
    report = cache_report(plan, answers.drafts, exact.drafts, steps);
  }
  progress.clear();
  if (trace) trace->finish();
  const std::string texts = all_answers(wanted.json, plan, answers);
  if (wanted.stream) {
    stream.finish(texts);
  } else {
    output.write(texts);
  }
  write_stderr(report);
  if (wanted.stats) write_stderr(stats_line(plan, answers) + '\n');
}

void log_plan(const Plan& plan) {
  const Setup& setup = *plan.setup;
  log::info(setup.checkpoint->where() + ": " + setup.facts.family + ", chat format " +
            (setup.format ? setup.format->name() : "none") + ", seed " + std::to_string(plan.seed));
  log::debug("options: " + options_json(plan.options).dump());
}

int run_generate(const Args& args) {
  const auto begin = Clock::now();
  if (!has_prompt(args)) {
    write_stderr(brief_help());
    return static_cast<int>(ErrorCode::usage);
  }
  const OutputOptions wanted = output_options(args);
  const Output output(wanted.file);
  // The model is looked at before standard input is waited for.
  Session session(args.settings, args.ids.empty() ? Prompts::text : Prompts::ids,
                  args.messages.has_value());
  const Plan plan = session.plan(args.settings, read_prompt(args));
  log_plan(plan);
  if (wanted.stream) {
    require_pieces_fit(wanted);
    require_streamable(plan);
  }
  if (wanted.verify_cache) uncached(plan);  // says whether there is a cache at all
  if (wanted.dry_run) {
    output.write(json_line(plan_json(plan)));
  } else {
    write_answers(session, plan, wanted, output, begin);
  }
  return 0;
}

}  // namespace

Command generate_command() {
  return {
      .name = "generate",
      .summary = "Write the text that follows a prompt, or an answer.",
      .introduction = kIntroduction,
      .flags =
          "prompt file ids messages system chat template-arg raw allow-special lossy no-stdin "
          "max-input "
          "truncate model family mask-id end-ids shift allow-code @decoding preset seed num "
          "stop deadline max-forwards output json trace stream verify-cache stats dry-run "
          "threads dtype device",
      .own =
          {{.name = "trace",
            .value = "FILE",
            .group = "Output",
            .help = "Write every denoising step to FILE as JSON Lines."},
           {.name = "stream",
            .group = "Output",
            .help =
                "Write the text as it settles, from left to right; nothing is revised afterwards."},
           {.name = "verify-cache",
            .group = "Output",
            .help = "Decode without the cache too and say on standard error where the two differ."},
           {.name = "stats", .group = "Output", .help = "Say on standard error what it took."},
           {.name = "dry-run",
            .group = "Output",
            .help = "Print what would be done, as JSON; open no weights."}},
      .run = run_generate};
}

}  // namespace unmask
