// inspection_text() of inspect_report.h.
#include <algorithm>

#include "base/utf8.h"
#include "base/values.h"
#include "cli/inspect_report.h"
#include "rules/cards.h"

namespace unmask {
namespace {

std::string count(std::int64_t number) { return format_count(static_cast<std::uint64_t>(number)); }

std::string line(std::string name, const std::string& value, std::size_t column = 14) {
  name.resize(std::max(column, name.size() + 2), ' ');
  return name + value + '\n';
}

std::string token(int id, const Inspection& found) {
  const std::string spelling = found.tokenizer ? found.tokenizer->token_text(id) : "";
  return std::to_string(id) + (spelling.empty() ? "" : " " + utf8::printable(spelling));
}

std::string network_line(const ModelSpec& spec) {
  if (spec.network == NetworkKind::exported) {
    return line("network", "the program " + utf8::printable(spec.module) +
                               ", which only runs with --allow-code");
  }
  std::string text = std::to_string(spec.layers) + " layers of width " + count(spec.hidden) + ", " +
                     std::to_string(spec.heads) + " heads, " + std::to_string(spec.kv_heads) +
                     " key/value heads";
  const bool all_experts = spec.experts.count > 0 && spec.experts.dense_layers.empty();
  if (!all_experts) text += ", feed-forward " + count(spec.intermediate);
  const bool diffusion = spec.network == NetworkKind::diffusion_transformer;
  return line("network", (diffusion ? "diffusion transformer, " : "") + text);
}

std::string experts_line(const ExpertsSpec& experts) {
  if (experts.count == 0) return "";
  std::string text = std::to_string(experts.per_token) + " of " + std::to_string(experts.count) +
                     " per token, feed-forward " + count(experts.intermediate) + " each";
  if (experts.shared_intermediate > 0) {
    text += ", " + count(experts.shared_intermediate) + " shared";
  }
  const std::size_t dense = experts.dense_layers.size();
  if (dense > 0) text += "; not in " + std::to_string(dense) + (dense == 1 ? " layer" : " layers");
  return line("experts", text);
}

std::string weights_lines(const Inspection& found) {
  const Checkup& checkup = found.checkup;
  if (found.facts.spec.network == NetworkKind::exported) {
    return line("stored", format_size(checkup.stored_bytes));
  }
  std::string stored;
  for (const auto& [dtype, tensors] : checkup.tensors_by_dtype) {
    stored += dtype + " (" + count(static_cast<std::int64_t>(tensors)) + " tensors), ";
  }
  const std::uint64_t parameters = checkup.parameters;
  const bool all_active = checkup.active_parameters == parameters;
  return line("parameters", format_count(parameters) +
                                (all_active ? ""
                                            : ", " + format_count(checkup.active_parameters) +
                                                  " of them active for a token")) +
         line("stored", stored + format_size(checkup.stored_bytes)) +
         line("memory", "f32 " + format_size(parameters * 4) + ", bf16 " +
                            format_size(parameters * 2) + ", for the weights alone");
}

std::string context_text(const ModelFacts& facts) {
  if (facts.context > 0) return count(facts.context) + " tokens";
  if (facts.window > 0) return "no limit; the last " + count(facts.window) + " tokens are seen";
  return "not stated";
}

std::string attention_text(const ModelFacts& facts) {
  const DecodeOptions& options = facts.defaults;
  const std::string seen =
      options.attention == AttentionKind::full
          ? "a token sees the whole canvas"
          : "a token sees its block of " + count(options.block) + " tokens and those before it";
  return seen + (facts.logit_shift ? "; the output before it predicts it" : "");
}

std::string text_lines(const Inspection& found) {
  const ModelFacts& facts = found.facts;
  std::string ends;
  for (const int id : facts.end_ids) ends += (ends.empty() ? "" : ", ") + token(id, found);
  const bool known = facts.mask_id != kUnknownId;
  return line("context", context_text(facts)) + line("attention", attention_text(facts)) +
         line("vocabulary", count(facts.vocab) + " tokens, " + count(facts.spec.vocab_rows) +
                                " rows in the network") +
         line("mask token", known ? token(facts.mask_id, found) : "unknown") +
         line("end tokens", ends.empty() ? "unknown" : ends) +
         line("chat format", found.chat_format.empty() ? "none" : found.chat_format);
}

/// What every option is when it does nothing; those that always do something are not there.
bool is_idle(const DecodeOptions& options, const std::string& name, const OrderedJson& value) {
  const bool of_steps = name == "steps" || name == "steps-per" || name == "schedule";
  if (of_steps) return !counts_steps(options);  // nor has it a schedule
  if (name == "end-ids") return true;           // shown with the tokens
  if (name == "top-p") return value == 1;
  const bool zero = value == 0 && name != "block" && name != "length" && name != "temperature";
  const bool empty_list = value.is_array() && value.empty();
  return zero || empty_list || value == false || value == "none";
}

std::string shown(const std::string& name, const OrderedJson& value) {
  if (name == "steps" && value == 0) return "one per token";
  if (name == "block" && value == 0) return "the whole canvas";
  if (name == "temperature" && value == 0) return "0: the most probable token, unless asked";
  if (value == true) return "on";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string option_lines(const ModelFacts& facts) {
  constexpr std::size_t kOptionColumn = 23;
  std::string lines = "defaults\n";
  const OrderedJson options = options_json(facts.defaults);
  for (const auto& [name, value] : options.items()) {
    if (is_idle(facts.defaults, name, value)) continue;
    lines += line("  --" + name, shown(name, value), kOptionColumn);
  }
  return lines;
}

std::string soundness_lines(const Checkup& checkup) {
  std::string lines =
      line("tensors", count(static_cast<std::int64_t>(checkup.tensors)) + ", " +
                          std::to_string(checkup.unused.size()) + " of them unused");
  if (checkup.non_finite) lines += line("not finite", count(*checkup.non_finite) + " values");
  for (const std::string& problem : checkup.problems) lines += line("problem", problem);
  return lines + line("sound", checkup.problems.empty() ? "yes" : "no");
}

}  // namespace

std::string inspection_text(const Inspection& found) {
  const ModelFacts& facts = found.facts;
  std::string text = line("model", found.checkpoint->where()) + line("family", facts.family);
  if (!facts.ambiguity.empty()) text += line("note", facts.ambiguity);
  return text + weights_lines(found) + network_line(facts.spec) + experts_line(facts.spec.experts) +
         text_lines(found) + option_lines(facts) + soundness_lines(found.checkup);
}

}  // namespace unmask
