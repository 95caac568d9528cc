#include "session/plan.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "base/log.h"
#include "base/values.h"
#include "rules/cards.h"
#include "session/prompt_ids.h"
#include "unmask/error.h"

namespace unmask {
namespace {

int tokens_to_write(const Plan& plan) { return plan.options.length + plan.open_positions(); }

void take_ids(const PromptOptions& options, std::vector<int> ids, Plan& plan) {
  const ModelFacts& facts = plan.setup->facts;
  plan.from_ids = true;
  check_ids(ids, facts.spec);
  if (ids.empty() && !options.raw) {
    throw Error(ErrorCode::usage, "there are no ids", "--raw lets the model write without any");
  }
  if (options.truncate != Truncate::none && facts.context > 0) {
    const int room = std::max(facts.context - plan.options.length, 0);
    ids = truncated(std::move(ids), options.truncate, room);
  }
  plan.canvas = with_holes(ids, facts.mask_id);
}

/// How many tokens a prompt may have when it is truncated; 0 for no limit.
int room_for_prompt(const RunOptions& run, const Plan& plan) {
  const int context = plan.setup->facts.context;
  if (context == 0) return 0;
  const int length =
      run.typed("length") ? plan.options.length : std::min(plan.options.length, context / 2);
  return std::max(context - length, 1);
}

void take_text(const Settings& settings, const Prompt& prompt, Plan& plan) {
  const Setup& setup = *plan.setup;
  if (!setup.tokenizer) {
    throw Error(ErrorCode::checkpoint, setup.checkpoint->where() + " has no tokenizer",
                "give the prompt as ids");
  }
  // Rows of the head that no token belongs to have no place in a text.
  plan.vocab = std::min(setup.facts.vocab, setup.tokenizer->vocab_size());
  const auto format = settings.prompt.raw ? std::nullopt : setup.format;
  std::vector<int> ids = prompt_ids(settings.prompt, prompt, *setup.tokenizer, format,
                                    room_for_prompt(settings.run, plan));
  check_ids(ids, setup.facts.spec);
  if (!ids.empty()) plan.canvas = {Segment::given(std::move(ids))};
}

/// What an error adds where the canvas ends after the last token asked for.
std::string whole_blocks(const Plan& plan) {
  const int canvas = plan.canvas_tokens();
  if (canvas == plan.prompt_tokens() + plan.options.length) return "";
  return ", " + format_count(static_cast<std::uint64_t>(canvas)) + " with whole blocks of " +
         format_count(static_cast<std::uint64_t>(plan.options.block));
}

/// Makes prompt and generated tokens fit the model. Only a length that nobody asked for gives way.
void fit_context(const RunOptions& run, Plan& plan) {
  const int context = plan.setup->facts.context;
  if (context == 0) return;
  const int prompt = plan.prompt_tokens();
  if (!run.typed("length") && prompt < context) {
    plan.options.length = std::min(plan.options.length, context - prompt);
    // Blocks that are written whole must end within the context.
    if (plan.canvas_tokens() > context) {
      plan.options.length = std::max(context / plan.options.block * plan.options.block - prompt, 1);
    }
  }
  if (plan.canvas_tokens() <= context) return;
  throw Error(ErrorCode::resource,
              "the prompt is " + format_count(static_cast<std::uint64_t>(prompt)) + " tokens and " +
                  format_count(static_cast<std::uint64_t>(plan.options.length)) +
                  " are to be generated" + whole_blocks(plan) + "; the model takes " +
                  format_count(static_cast<std::uint64_t>(context)),
              "shorten one of them, or pass --truncate left or right");
}

/// Where nobody asked for a number of steps, as many tokens per step as by default.
void scale_steps(const RunOptions& run, int default_length, Plan& plan) {
  const bool one_per_token = plan.options.steps == 0;
  const bool per_block = plan.options.steps_per == StepsPer::block;
  if (run.typed("steps") || one_per_token || per_block || default_length <= 0) return;
  const double share = static_cast<double>(tokens_to_write(plan)) / default_length;
  plan.options.steps = std::max(1, static_cast<int>(std::lround(plan.options.steps * share)));
}

void warn_about_idle_steps(const Plan& plan) {
  // Where tokens are drawn or masked again, more steps are better without end.
  const bool revises = plan.options.revise.card->finality != Finality::at_once;
  if (plan.options.commit.card->draws || revises) return;
  const bool per_block = plan.options.steps_per == StepsPer::block && plan.options.block > 0;
  const int tokens = per_block ? plan.options.block : tokens_to_write(plan);
  if (plan.options.steps <= tokens) return;
  log::warning(format_count(static_cast<std::uint64_t>(plan.options.steps)) + " steps for " +
               format_count(static_cast<std::uint64_t>(tokens)) +
               (per_block ? " tokens of a block" : " tokens") + ": some will have nothing to do");
}

DecodeOptions default_options(const RunOptions& run, const ModelFacts& facts) {
  return run.preset ? preset_options(facts, *run.preset) : facts.defaults;
}

}  // namespace

int Plan::open_positions() const {
  int open = 0;
  for (const Range& hole : holes_of(canvas)) open += hole.size();
  return open;
}

DecodeOptions run_options(const RunOptions& run, const ModelFacts& facts, bool has_holes) {
  DecodeOptions options = default_options(run, facts);
  const bool of_checkpoint = !run.preset || facts.presets.contains(*run.preset);
  if (has_holes && of_checkpoint) {
    for (const auto& [name, value] : facts.hole_options) set_option(options, name, value);
  }
  for (const auto& [name, value] : run.decoding) set_option(options, name, value);
  check_options(options);
  options.end_ids = facts.end_ids;
  return options;
}

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32 | device()) >> 11;
}

Plan make_plan(std::shared_ptr<const Setup> setup, const Settings& settings, const Prompt& prompt) {
  const RunOptions& run = settings.run;
  Plan plan;
  plan.setup = std::move(setup);
  const ModelFacts& facts = plan.setup->facts;
  const bool has_holes = prompt.ids && std::ranges::count(*prompt.ids, facts.mask_id) > 0;
  plan.options = run_options(run, facts, has_holes);
  // The whole canvas of ids is shown, so the rest of it is worth computing.
  if (prompt.ids && !run.typed("early-stop")) plan.options.early_stop = false;
  if (prompt.ids) {
    take_ids(settings.prompt, *prompt.ids, plan);
  } else {
    take_text(settings, prompt, plan);
  }
  fit_context(run, plan);
  scale_steps(run, default_options(run, facts).length, plan);
  if (run.typed("steps")) warn_about_idle_steps(plan);
  plan.seed = run.seed.value_or(random_seed());
  plan.num = run.num;
  plan.stops = run.stops;
  plan.deadline = run.deadline;
  plan.max_forwards = run.max_forwards;
  return plan;
}

std::vector<GenerationRequest> make_requests(const Plan& plan, double seconds_left) {
  std::vector<GenerationRequest> requests;
  for (int draft = 0; draft < plan.num; ++draft) {
    GenerationRequest request;
    request.canvas = plan.canvas;
    request.options = plan.options;
    request.vocab = plan.vocab;
    request.mask_id = plan.setup->facts.mask_id;
    request.seed = plan.seed + static_cast<std::uint64_t>(draft);
    request.max_forwards = plan.max_forwards;
    request.deadline_seconds = seconds_left;
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace unmask
