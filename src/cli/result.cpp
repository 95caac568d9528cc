#include "cli/result.h"

#include <algorithm>
#include <cstdio>

#include "cli/machine.h"
#include "cli/values.h"

namespace unmask {
namespace {

constexpr int kSchema = 1;

bool ends_text(const Plan& plan, int id) {
  const std::vector<int>& ends = plan.options.end_ids;
  return std::find(ends.begin(), ends.end(), id) != ends.end();
}

std::string finish_name(const Answer& answer, Finish finish) {
  if (answer.stopped) return "stop";
  switch (finish) {
    case Finish::end:
      return "end";
    case Finish::length:
      return "length";
    case Finish::deadline:
      return "deadline";
    case Finish::budget:
      return "budget";
    case Finish::converged:
      return "converged";
  }
  return "length";
}

/// Cuts the answer before the first stop text. It is looked for in the text, not among the tokens,
/// because it may begin or end within one; the ids that reach up to it are kept.
void cut_at_stop(const Plan& plan, Answer& answer) {
  std::size_t end = std::string::npos;
  for (const std::string& stop : plan.stops) end = std::min(end, answer.text.find(stop));
  if (end == std::string::npos) return;
  answer.text.resize(end);
  answer.stopped = true;
  const auto reaches = [&](std::size_t count) {
    return plan.setup->tokenizer->decode(std::span(answer.ids).first(count)).size() >= end;
  };
  std::size_t kept = answer.ids.size();
  while (kept > 0 && reaches(kept - 1)) --kept;
  answer.ids.resize(kept);
}

/// A number with one digit after the point, whatever the locale.
std::string one_digit(double value) {
  std::array<char, 32> digits{};
  const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                            std::chars_format::fixed, 1);
  return std::string(digits.data(), end);
}

double rate(std::size_t tokens, double seconds) {
  return seconds > 0 ? static_cast<double>(tokens) / seconds : 0;
}

}  // namespace

Answer read_answer(const Plan& plan, const Generation& generation) {
  const std::vector<int>& canvas = generation.canvas;
  const auto begin = canvas.begin() + std::ssize(plan.prompt);
  // A canvas of whole blocks may be longer than what was asked for.
  const auto last = begin + std::min<std::ptrdiff_t>(plan.options.length, canvas.end() - begin);
  const bool cut_short =
      generation.finish == Finish::deadline || generation.finish == Finish::budget;
  const auto end = std::find_if(begin, last, [&](int id) {
    return ends_text(plan, id) || (cut_short && id == plan.setup->facts.mask_id);  // still open
  });
  Answer answer;
  answer.ids.assign(begin, end);
  const bool infilling = plan.options.length == 0 && !plan.open.empty();
  if (infilling) {
    for (const int index : plan.open)
      answer.ids.push_back(canvas.at(static_cast<std::size_t>(index)));
  }
  if (plan.setup->tokenizer)
    answer.text = plan.setup->tokenizer->decode(infilling ? canvas : answer.ids);
  if (plan.setup->tokenizer && !infilling) cut_at_stop(plan, answer);
  return answer;
}

std::string answer_text(const Plan& plan, const Answer& answer) {
  std::string line;
  if (plan.setup->tokenizer) {
    line = answer.text.substr(0, answer.text.find_last_not_of('\n') + 1);
  } else {
    for (const int id : answer.ids) line += (line.empty() ? "" : " ") + std::to_string(id);
  }
  return line;
}

std::string answer_line(const Plan& plan, const Answer& answer) {
  return answer_text(plan, answer) + '\n';
}

OrderedJson result_json(const Plan& plan, const Generation& generation, std::uint64_t seed,
                        const Timing& timing) {
  const Answer answer = read_answer(plan, generation);
  OrderedJson json;
  json["schema"] = kSchema;
  json["text"] = plan.setup->tokenizer ? OrderedJson(answer.text) : OrderedJson(nullptr);
  json["ids"] = answer.ids;
  json["prompt_tokens"] = plan.prompt.size();
  json["generated_tokens"] = answer.ids.size();
  json["finish"] = finish_name(answer, generation.finish);
  json["steps"] = generation.steps;
  json["forwards"] = generation.forwards;
  json["seed"] = seed;
  json["model"] = model_json(*plan.setup);
  json["options"] = options_json(plan.options);
  json["timing"] = {{"load_s", timing.load_seconds},
                    {"generate_s", timing.generate_seconds},
                    {"tokens_per_s", rate(answer.ids.size(), timing.generate_seconds)}};
  if (plan.from_ids) json["canvas"] = generation.canvas;
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
          {"prompt_ids", plan.prompt},
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
  json["prompt_tokens"] = plan.prompt.size();
  json["prompt_ids"] = plan.prompt;
  json["open_positions"] = plan.open.size();
  json["canvas_tokens"] = canvas_size(plan.options, static_cast<int>(plan.prompt.size()));
  json["context"] = plan.setup->facts.context;
  json["mask_id"] = plan.setup->facts.mask_id;
  json["seed"] = plan.seed;
  json["num"] = plan.num;
  json["threads"] = plan.setup->engine.threads;
  json["options"] = options_json(plan.options);
  return json;
}

std::string stats_line(const Plan& plan, const std::vector<Generation>& generations,
                       const Timing& timing) {
  std::size_t tokens = 0;
  int steps = 0;
  int forwards = 0;
  for (const Generation& generation : generations) {
    tokens += read_answer(plan, generation).ids.size();
    steps += generation.steps;
    forwards += generation.forwards;
  }
  const double per_step = static_cast<double>(tokens) / std::max(1, steps);
  return "load " + one_digit(timing.load_seconds) + "s · prompt " +
         format_count(plan.prompt.size()) + " tok · " + format_count(tokens) + " tok in " +
         std::to_string(steps) + " steps (" + one_digit(per_step) + " tok/step, " +
         std::to_string(forwards) + " forwards) · " + one_digit(timing.generate_seconds) + "s · " +
         one_digit(rate(tokens, timing.generate_seconds)) + " tok/s · peak " +
         format_size(peak_memory());
}

OrderedJson model_json(const Setup& setup) {
  return {{"path", setup.folder.native()}, {"family", setup.facts.family}};
}

std::string json_text(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string json_line(const OrderedJson& json) { return json_text(json) + '\n'; }

}  // namespace unmask
