// The command `generate`: prompt -> plan -> engine -> text.
#include <algorithm>
#include <chrono>
#include <optional>

#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/engine_library.h"
#include "cli/help.h"
#include "cli/plan.h"
#include "cli/prompt.h"
#include "cli/result.h"
#include "cli/stream.h"
#include "cli/verify_cache.h"
#include "io/output.h"
#include "io/progress.h"
#include "io/trace.h"

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

struct Run {
  std::vector<Generation> generations;
  Timing timing;
  std::string cache_report;  // of --verify-cache
};

/// How much of --deadline is left to the denoising; 0 where there is none.
double seconds_left(const Plan& plan, Clock::time_point begin) {
  constexpr double kLeast = 1e-9;  // the one pass is made in any case
  return plan.deadline > 0 ? std::max(plan.deadline - seconds_since(begin), kLeast) : 0;
}

Run run_plan(const Plan& plan, Clock::time_point begin, Listeners& listeners, Progress& progress,
             bool verify_cache) {
  Run run;
  progress.say("loading " + display(plan.setup->folder));
  const auto load = Clock::now();
  const std::unique_ptr<Engine> engine = load_engine(plan.setup->engine);
  run.timing.load_seconds = seconds_since(load);

  throw_if_interrupted();
  progress.start();
  const auto generate = Clock::now();
  WriteSteps steps(plan.num);
  if (verify_cache) listeners.add(steps);
  run.generations = engine->generate(make_requests(plan, seconds_left(plan, begin)), &listeners);
  run.timing.generate_seconds = seconds_since(generate);
  throw_if_interrupted();
  if (verify_cache) {
    progress.say("decoding without the cache");
    const auto exact = engine->generate(make_requests(uncached(plan), 0), nullptr);
    run.cache_report = cache_report(plan, run.generations, exact, steps);
  }
  progress.clear();
  return run;
}

/// All drafts: objects of one line each, or texts with a blank line between them.
std::string all_answers(const Args& args, const Plan& plan, const Run& run) {
  std::string all;
  std::uint64_t seed = plan.seed;
  for (const Generation& generation : run.generations) {
    if (args.json) {
      all += json_line(result_json(plan, generation, seed++, run.timing));
    } else {
      if (!all.empty()) all += '\n';
      all += answer_line(plan, read_answer(plan, generation));
    }
  }
  return all;
}

void log_plan(const Plan& plan) {
  const Setup& setup = *plan.setup;
  log::info(display(setup.folder) + ": " + setup.facts.family + ", chat format " +
            (setup.format ? setup.format->name() : "none") + ", seed " + std::to_string(plan.seed));
  log::debug("options: " + options_json(plan.options).dump());
}

int run_generate(const Args& args) {
  const auto begin = Clock::now();
  if (!has_prompt(args)) {
    write_stderr(brief_help());
    return static_cast<int>(ErrorCode::usage);
  }
  const Output output(args.output);
  const Plan plan = make_plan(args);
  log_plan(plan);
  if (args.has("stream")) require_streamable(args, plan);
  if (args.has("verify-cache")) uncached(plan);  // says whether there is a cache at all
  if (args.has("dry-run")) {
    output.write(json_line(plan_json(plan)));
    return 0;
  }
  std::optional<Trace> trace;
  if (const auto file = args.value_of("trace")) {
    trace.emplace(*file, trace_header(plan).dump(), plan.num > 1);
  }
  const int prompt = static_cast<int>(plan.prompt.size());
  const int open = canvas_size(plan.options, prompt) - prompt + static_cast<int>(plan.open.size());
  // A progress line would be drawn over text that is being written.
  const bool is_quiet = args.quiet || (args.has("stream") && output.is_terminal());
  Progress progress(progress_kind(is_quiet, args.verbose > 0),
                    std::vector<int>(static_cast<std::size_t>(plan.num), open));
  Stream stream(plan, output);
  Listeners listeners;
  if (trace) listeners.add(*trace);
  listeners.add(progress);
  if (args.has("stream")) listeners.add(stream);
  const Run run = run_plan(plan, begin, listeners, progress, args.has("verify-cache"));
  if (trace) trace->finish();
  const std::string answers = all_answers(args, plan, run);
  if (args.has("stream")) {
    stream.finish(answers);
  } else {
    output.write(answers);
  }
  write_stderr(run.cache_report);
  if (args.has("stats")) {
    write_stderr(stats_line(plan, run.generations, run.timing) + '\n');
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
          "prompt file ids messages system chat raw allow-special lossy no-stdin max-input "
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
