#include "session/result.h"

#include <algorithm>

#include "base/values.h"
#include "options/values.h"
#include "session/machine.h"

namespace unmask {
namespace {

constexpr int kSchema = 1;

std::vector<int> ids_of_prompt(const Plan& plan) {
  return ids_of(plan.canvas, plan.setup->facts.mask_id);
}

/// The text of an option's value as a value of its own type.
OrderedJson value_json(OptionKind kind, const std::string& text) {
  switch (kind) {
    case OptionKind::count:
      return std::stoi(text);
    case OptionKind::number:
      return parse_at_least_zero(text);
    case OptionKind::toggle:
      return parse_switch(text);
    case OptionKind::ids:
      return parse_id_list(text);
    case OptionKind::text:
      break;
  }
  return text;
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
  OrderedJson json = OrderedJson::object();
  for (const OptionSpec& spec : option_specs()) {
    if (spec.get != nullptr)
      json[std::string(spec.name)] = value_json(spec.kind, spec.get(options));
  }
  json["end-ids"] = options.end_ids;
  return json;
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
