#include "cli/plan.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/log.h"
#include "cli/machine.h"
#include "cli/model_folder.h"
#include "cli/prompt_ids.h"
#include "cli/special_ids.h"
#include "cli/values.h"
#include "unmask/error.h"

namespace unmask {
namespace {

int tokens_to_write(const Plan& plan) {
  return plan.options.length + static_cast<int>(plan.open.size());
}

/// Positions of the canvas, which may end after the last token asked for.
int canvas_tokens(const Plan& plan) {
  return canvas_size(plan.options, static_cast<int>(plan.prompt.size()));
}

/// Mask and end ids: as typed, else as config.json says, else as the tokenizer does.
void settle_ids(const Args& args, Plan& plan) {
  ModelFacts& facts = plan.facts;
  if (args.mask_id) {
    check_ids({&*args.mask_id, 1}, facts.spec);
    facts.mask_id = *args.mask_id;
  }
  fill_special_ids(plan.folder, plan.tokenizer.get(), facts);
  require_mask_id(facts);
  if (args.end_ids) facts.end_ids = *args.end_ids;
  check_ids(facts.end_ids, facts.spec);
}

DecodeOptions resolve_options(const Args& args, DecodeOptions options) {
  for (const auto& [name, value] : args.decoding) set_option(options, name, value);
  // The whole canvas of --ids is shown, so the rest of it is worth computing.
  if (!args.ids.empty() && !typed_option(args, "early-stop")) options.early_stop = false;
  return options;
}

void refuse_text_beside_ids(const Args& args) {
  if (args.ids.size() > 1) {
    throw Error(ErrorCode::usage, "--ids is given " + std::to_string(args.ids.size()) + " times",
                "give it once");
  }
  if (args.prompt || !args.words.empty() || !args.files.empty() || args.messages || args.system ||
      args.chat || args.dash) {
    throw Error(ErrorCode::usage, "--ids cannot be combined with a prompt or a chat format");
  }
}

void take_ids(const Args& args, Plan& plan) {
  refuse_text_beside_ids(args);
  plan.from_ids = true;
  plan.prompt = args.ids.front();
  check_ids(plan.prompt, plan.facts.spec);
  if (plan.prompt.empty() && !args.raw) {
    throw Error(ErrorCode::usage, "--ids holds no ids", "--raw lets the model write without any");
  }
  try {
    plan.tokenizer = load_tokenizer(plan.folder);
  } catch (const Error& error) {  // only needed to show the answer as text
    log::info(std::string("no text, only ids: ") + error.what());
  }
  settle_ids(args, plan);
}

void take_text(const Args& args, Plan& plan, int room) {
  const auto format = choose_chat_format(args, plan.folder);
  plan.tokenizer = load_tokenizer(plan.folder);
  settle_ids(args, plan);
  // Rows of the head that no token belongs to have no place in a text.
  plan.vocab = std::min(plan.facts.vocab, plan.tokenizer->vocab_size());
  if (format) {
    plan.chat_format = format->name();
    const auto end = end_of_turn_id(*format, *plan.tokenizer);
    std::vector<int>& ends = plan.facts.end_ids;
    if (end && !args.end_ids && std::find(ends.begin(), ends.end(), *end) == ends.end()) {
      ends.push_back(*end);
    }
  }
  plan.prompt = prompt_ids(args, *plan.tokenizer, format, room);
  check_ids(plan.prompt, plan.facts.spec);
}

/// What an error adds where the canvas ends after the last token asked for.
std::string whole_blocks(const Plan& plan) {
  const int canvas = canvas_tokens(plan);
  if (canvas == static_cast<int>(plan.prompt.size()) + plan.options.length) return "";
  return ", " + format_count(static_cast<std::uint64_t>(canvas)) + " with whole blocks of " +
         format_count(static_cast<std::uint64_t>(plan.options.block));
}

/// Makes prompt and generated tokens fit the model. Only a length that nobody asked for gives way.
void fit_context(const Args& args, Plan& plan) {
  const int context = plan.facts.context;
  if (context == 0) return;
  if (plan.from_ids && args.truncate != Truncate::none) {
    plan.prompt = truncated(plan.prompt, args.truncate, std::max(context - plan.options.length, 0));
  }
  const int prompt = static_cast<int>(plan.prompt.size());
  if (!typed_option(args, "length") && prompt < context) {
    plan.options.length = std::min(plan.options.length, context - prompt);
    // Blocks that are written whole must end within the context.
    if (canvas_tokens(plan) > context) {
      plan.options.length = std::max(context / plan.options.block * plan.options.block - prompt, 1);
    }
  }
  if (canvas_tokens(plan) <= context) return;
  throw Error(ErrorCode::resource,
              "the prompt is " + format_count(plan.prompt.size()) + " tokens and " +
                  format_count(static_cast<std::uint64_t>(plan.options.length)) +
                  " are to be generated" + whole_blocks(plan) + "; the model takes " +
                  format_count(static_cast<std::uint64_t>(context)),
              "shorten one of them, or pass --truncate left or right");
}

/// How many tokens a prompt may have when it is truncated; 0 for no limit.
int room_for_prompt(const Args& args, const Plan& plan) {
  if (plan.facts.context == 0) return 0;
  const int length = typed_option(args, "length")
                         ? plan.options.length
                         : std::min(plan.options.length, plan.facts.context / 2);
  return std::max(plan.facts.context - length, 1);
}

/// Where nobody asked for a number of steps, as many tokens per step as by default.
void scale_steps(const Args& args, int default_length, Plan& plan) {
  const bool one_per_token = plan.options.steps == 0;
  const bool per_block = plan.options.steps_per == StepsPer::block;
  if (typed_option(args, "steps") || one_per_token || per_block || default_length <= 0) return;
  const double share = static_cast<double>(tokens_to_write(plan)) / default_length;
  plan.options.steps = std::max(1, static_cast<int>(std::lround(plan.options.steps * share)));
}

void warn_about_idle_steps(const Plan& plan) {
  // Where tokens are drawn or masked again, more steps are better without end.
  const bool drawn = plan.options.commit == CommitKind::ancestral ||
                     plan.options.commit == CommitKind::analytic ||
                     plan.options.commit == CommitKind::binomial ||
                     plan.options.commit == CommitKind::bernoulli;
  if (drawn || plan.options.revise != ReviseKind::none) return;
  const bool per_block = plan.options.steps_per == StepsPer::block && plan.options.block > 0;
  const int tokens = per_block ? plan.options.block : tokens_to_write(plan);
  if (plan.options.steps <= tokens) return;
  log::warning(format_count(static_cast<std::uint64_t>(plan.options.steps)) + " steps for " +
               format_count(static_cast<std::uint64_t>(tokens)) +
               (per_block ? " tokens of a block" : " tokens") + ": some will have nothing to do");
}

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

void choose_device(const Args& args) {
  if (args.device == Device::cuda) {
    throw Error(ErrorCode::resource, "this version computes on the CPU only",
                "leave --device out, or pass --device cpu");
  }
  if (args.device == Device::automatic && ::access("/dev/nvidiactl", F_OK) == 0) {
    log::warning(
        "this version does not use the GPU that is here; --device cpu is the same, quietly");
  }
}

}  // namespace

Plan make_plan(const Args& args) {
  Plan plan;
  plan.folder = find_model(args);
  plan.engine = engine_options(args, plan.folder);
  plan.facts = read_facts(CheckpointConfig(plan.folder), args.family, args.preset.value_or(""));
  plan.engine.family = plan.facts.family;
  plan.engine.logit_shift = args.shift;
  const DecodeOptions defaults =
      args.preset ? preset_options(plan.facts, *args.preset) : plan.facts.defaults;
  plan.options = resolve_options(args, defaults);
  check_options(plan.options);
  if (!args.ids.empty()) {
    take_ids(args, plan);
  } else {
    take_text(args, plan, room_for_prompt(args, plan));
  }
  plan.options.end_ids = plan.facts.end_ids;
  fit_context(args, plan);
  for (std::size_t i = 0; plan.from_ids && i < plan.prompt.size(); ++i) {
    if (plan.prompt[i] == plan.facts.mask_id) plan.open.push_back(static_cast<int>(i));
  }
  scale_steps(args, defaults.length, plan);
  if (typed_option(args, "steps")) warn_about_idle_steps(plan);
  plan.seed = args.seed.value_or(random_seed());
  plan.num = args.num;
  plan.stops = args.stops;
  plan.deadline = args.deadline;
  plan.max_forwards = args.max_forwards;
  return plan;
}

EngineOptions engine_options(const Args& args, const std::filesystem::path& folder) {
  choose_device(args);
  EngineOptions options;
  options.checkpoint = folder;
  options.family = args.family;
  options.dtype = args.dtype;
  options.threads = args.threads > 0 ? args.threads : available_threads();
  options.allow_code = args.allow_code;
  return options;
}

}  // namespace unmask
