// inspection_json() of inspect_report.h.
#include "cli/inspect_report.h"

namespace unmask {
namespace {

OrderedJson number_or_null(int number) {
  return number > 0 ? OrderedJson(number) : OrderedJson(nullptr);
}

OrderedJson text_or_null(const std::string& text) {
  return text.empty() ? OrderedJson(nullptr) : OrderedJson(text);
}

std::string_view network_name(NetworkKind kind) {
  switch (kind) {
    case NetworkKind::transformer:
      return "transformer";
    case NetworkKind::diffusion_transformer:
      return "diffusion transformer";
    case NetworkKind::exported:
      return "exported";
  }
  return "";
}

OrderedJson experts_json(const ExpertsSpec& experts) {
  if (experts.count == 0) return nullptr;
  return {{"count", experts.count},
          {"per_token", experts.per_token},
          {"intermediate", experts.intermediate},
          {"shared_intermediate", experts.shared_intermediate},
          {"dense_layers", experts.dense_layers}};
}

void add_network(const ModelSpec& spec, OrderedJson& json) {
  json["network"] = network_name(spec.network);
  json["module"] = text_or_null(spec.module);
  json["layers"] = spec.layers;
  json["hidden"] = spec.hidden;
  json["heads"] = spec.heads;
  json["kv_heads"] = spec.kv_heads;
  json["head_dim"] = spec.head_dim;
  json["intermediate"] = spec.intermediate;
  json["experts"] = experts_json(spec.experts);
}

void add_text(const Inspection& found, OrderedJson& json) {
  const ModelFacts& facts = found.facts;
  json["context"] = number_or_null(facts.context);
  json["window"] = number_or_null(facts.window);
  json["vocab"] = facts.vocab;
  json["vocab_rows"] = facts.spec.vocab_rows;
  json["mask_id"] = facts.mask_id == kUnknownId ? OrderedJson(nullptr) : OrderedJson(facts.mask_id);
  json["end_ids"] = facts.end_ids;
  json["logit_shift"] = facts.logit_shift;
  json["chat_format"] = text_or_null(found.chat_format);
}

}  // namespace

OrderedJson inspection_json(const Inspection& found) {
  const Checkup& checkup = found.checkup;
  OrderedJson json;
  json["schema"] = 1;
  json["path"] = found.checkpoint->path().native();
  json["family"] = found.facts.family;
  json["ambiguity"] = text_or_null(found.facts.ambiguity);
  json["parameters"] = checkup.parameters;
  json["active_parameters"] = checkup.active_parameters;
  add_network(found.facts.spec, json);
  json["dtypes"] = checkup.tensors_by_dtype;
  json["stored_bytes"] = checkup.stored_bytes;
  json["memory_bytes"] = {{"f32", checkup.parameters * 4}, {"bf16", checkup.parameters * 2}};
  add_text(found, json);
  json["options"] = options_json(found.facts.defaults);
  json["tensors"] = checkup.tensors;
  json["unused_tensors"] = checkup.unused;
  json["non_finite_values"] =
      checkup.non_finite ? OrderedJson(*checkup.non_finite) : OrderedJson(nullptr);
  json["problems"] = checkup.problems;
  json["sound"] = checkup.problems.empty();
  return json;
}

}  // namespace unmask
