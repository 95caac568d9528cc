#include "session/result.h"

#include <algorithm>

#include "base/values.h"
#include "session/machine.h"

namespace unmask {
namespace {

constexpr int kSchema = 1;

std::vector<int> ids_of_prompt(const Plan& plan) {
  return ids_of(plan.canvas, plan.setup->facts.mask_id);
}

}  // namespace

OrderedJson result_json(const Plan& plan, const Answer& answer, const Timing& timing) {
  OrderedJson json;
  json["schema"] = kSchema;
  json["text"] = plan.setup->tokenizer ? OrderedJson(answer.text) : OrderedJson(nullptr);
  json["ids"] = answer.ids;
  json["prompt_tokens"] = plan.prompt_tokens();
  json["generated_tokens"] = answer.ids.size();
  json["finish"] = finish_name(answer);
  json["steps"] = answer.steps;
  json["forwards"] = answer.forwards;
  json["seed"] = answer.seed;
  json["model"] = model_json(*plan.setup);
  json["options"] = options_json(plan.options);
  json["timing"] = {{"load_s", timing.load_seconds},
                    {"generate_s", timing.generate_seconds},
                    {"tokens_per_s", rate(answer.ids.size(), timing.generate_seconds)}};
  if (plan.from_ids) json["canvas"] = answer.canvas;
  return json;
}

OrderedJson options_json(const DecodeOptions& options) {
  return {{"length", options.length},
          {"block", options.block},
          {"block-grid", to_string(options.grid)},
          {"sub-block", options.sub_block},
          {"attention", to_string(options.attention)},
          {"steps", options.steps},
          {"steps-per", to_string(options.steps_per)},
          {"order", to_string(options.order)},
          {"schedule", schedule_text(options)},
          {"commit", commit_text(options)},
          {"first-alone", options.first_alone},
          {"fast-dllm-habits", options.fast_dllm_habits},
          {"revise", revise_text(options)},
          {"cache", cache_text(options)},
          {"sampler", to_string(options.sampler)},
          {"temperature", options.temperature},
          {"top-k", options.top_k},
          {"top-p", options.top_p},
          {"top-k-first", options.top_k_first},
          {"order-temperature", options.order_temperature},
          {"guidance", options.guidance},
          {"guidance-keep", options.guidance_keep},
          {"suppress", options.suppress},
          {"suppress-order", options.suppress_order},
          {"end-ids", options.end_ids},
          {"converged", converged_text(options)},
          {"no-end", options.no_end},
          {"end-last", options.end_last},
          {"early-stop", options.early_stop},
          {"stop-after-block", options.stop_after_block}};
}

OrderedJson trace_header(const Plan& plan) {
  return {{"schema", kSchema},
          {"mask_id", plan.setup->facts.mask_id},
          {"prompt_ids", ids_of_prompt(plan)},
          {"length", plan.options.length},
          {"family", plan.setup->facts.family},
          {"options", options_json(plan.options)}};
}

OrderedJson plan_json(const Plan& plan) {
  OrderedJson json;
  json["schema"] = kSchema;
  json["model"] = model_json(*plan.setup);
  const std::optional<ChatFormat>& format = plan.setup->format;
  json["chat_format"] = format ? OrderedJson(format->name()) : OrderedJson(nullptr);
  json["prompt_tokens"] = plan.prompt_tokens();
  json["prompt_ids"] = ids_of_prompt(plan);
  json["open_positions"] = plan.open_positions();
  json["canvas_tokens"] = plan.canvas_tokens();
  json["context"] = plan.setup->facts.context;
  json["mask_id"] = plan.setup->facts.mask_id;
  json["seed"] = plan.seed;
  json["num"] = plan.num;
  json["threads"] = plan.setup->engine.threads;
  json["options"] = options_json(plan.options);
  return json;
}

std::string stats_line(const Plan& plan, const Answers& answers) {
  const Timing& timing = answers.timing;
  const std::size_t tokens = answers.tokens();
  const double per_step = static_cast<double>(tokens) / std::max(1, answers.steps());
  return "load " + one_digit(timing.load_seconds) + "s · prompt " +
         format_count(static_cast<std::uint64_t>(plan.prompt_tokens())) + " tok · " +
         format_count(tokens) + " tok in " + std::to_string(answers.steps()) + " steps (" +
         one_digit(per_step) + " tok/step, " + std::to_string(answers.forwards()) +
         " forwards) · " + one_digit(timing.generate_seconds) + "s · " +
         one_digit(rate(tokens, timing.generate_seconds)) + " tok/s · peak " +
         format_size(peak_memory());
}

OrderedJson model_json(const Setup& setup) {
  return {{"path", setup.checkpoint->path().native()}, {"family", setup.facts.family}};
}

}  // namespace unmask
