// The command `generate`: prompt -> plan -> engine -> text.
#include <chrono>
#include <optional>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/engine_library.h"
#include "cli/help.h"
#include "cli/plan.h"
#include "cli/prompt.h"
#include "cli/result.h"
#include "io/output.h"
#include "io/progress.h"
#include "io/trace.h"

namespace unmask {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Hands every event to the trace, where there is one, and to the progress line.
class Listeners : public Events {
 public:
  Listeners(Trace* trace, Progress& progress) : trace_(trace), progress_(progress) {}

  void on_step(const StepEvent& event) override {
    if (trace_ != nullptr) trace_->on_step(event);
    progress_.on_step(event);
  }

 private:
  Trace* trace_;
  Progress& progress_;
};

std::vector<GenerationRequest> make_requests(const Plan& plan) {
  std::vector<GenerationRequest> requests;
  for (int draft = 0; draft < plan.num; ++draft) {
    GenerationRequest request;
    request.ids = plan.prompt;
    request.open = plan.open;
    request.options = plan.options;
    request.vocab = plan.vocab;
    request.mask_id = plan.facts.mask_id;
    request.seed = plan.seed + static_cast<std::uint64_t>(draft);
    requests.push_back(std::move(request));
  }
  return requests;
}

struct Run {
  std::vector<Generation> generations;
  Timing timing;
};

Run run_plan(const Plan& plan, Trace* trace, Progress& progress) {
  Run run;
  progress.say("loading " + display(plan.folder));
  const auto load = Clock::now();
  const std::unique_ptr<Engine> engine = load_engine(plan.engine);
  run.timing.load_seconds = seconds_since(load);

  throw_if_interrupted();
  progress.start();
  const auto generate = Clock::now();
  Listeners listeners(trace, progress);
  run.generations = engine->generate(make_requests(plan), &listeners);
  run.timing.generate_seconds = seconds_since(generate);
  throw_if_interrupted();
  if (trace != nullptr) trace->finish();
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
  log::info(display(plan.folder) + ": " + plan.facts.family + ", chat format " +
            (plan.chat_format.empty() ? "none" : plan.chat_format) + ", seed " +
            std::to_string(plan.seed));
  log::debug("options: " + options_json(plan.options).dump());
}

}  // namespace

int run_generate(const Args& args) {
  if (!has_prompt(args)) {
    write_stderr(brief_help());
    return static_cast<int>(ErrorCode::usage);
  }
  const Output output(args.output);
  const Plan plan = make_plan(args);
  log_plan(plan);
  if (args.dry_run) {
    output.write(json_line(plan_json(plan)));
    return 0;
  }
  std::optional<Trace> trace;
  if (args.trace) trace.emplace(*args.trace, trace_header(plan).dump(), plan.num > 1);
  const int prompt = static_cast<int>(plan.prompt.size());
  const int open = canvas_size(plan.options, prompt) - prompt + static_cast<int>(plan.open.size());
  Progress progress(progress_kind(args.quiet, args.verbose > 0),
                    std::vector<int>(static_cast<std::size_t>(plan.num), open));
  const Run run = run_plan(plan, trace ? &*trace : nullptr, progress);
  output.write(all_answers(args, plan, run));
  if (args.stats) {
    write_stderr(stats_line(plan, run.generations, run.timing) + '\n');
  }
  return 0;
}

}  // namespace unmask
