#include "family/config_reader.h"

namespace unmask {

int read_size(const JsonField& config, std::string_view key, std::int64_t maximum) {
  return static_cast<int>(config.at(key).integer(1, maximum));
}

int read_size_or(const JsonField& config, std::string_view key, int fallback,
                 std::int64_t maximum) {
  return static_cast<int>(config.integer_or(key, fallback, 1, maximum));
}

std::vector<int> read_token_ids(const JsonField& config, std::string_view key,
                                std::vector<int> fallback) {
  if (!config.has(key)) return fallback;
  const JsonField field = config.at(key);
  if (!field.value().is_array()) return {static_cast<int>(field.integer(0, kMaxVocab))};
  std::vector<int> ids;
  for (std::size_t i = 0; i < field.size(); ++i) {
    ids.push_back(static_cast<int>(field.at(i).integer(0, kMaxVocab)));
  }
  return ids;
}

int read_token_id(const JsonField& config, std::string_view key) {
  return config.has(key) ? static_cast<int>(config.at(key).integer(0, kMaxVocab)) : kUnknownId;
}

void require_text(const JsonField& config, std::string_view key, std::string_view only,
                  std::string_view reference_default) {
  const std::string value = config.text_or(key, std::string(reference_default));
  if (value == only) return;
  throw Error(ErrorCode::checkpoint, config.where() + " '" + std::string(key) + "' is '" + value +
                                         "'; only '" + std::string(only) + "' is supported");
}

void require_boolean(const JsonField& config, std::string_view key, bool only,
                     bool reference_default) {
  if (config.boolean_or(key, reference_default) == only) return;
  throw Error(ErrorCode::checkpoint, config.where() + " '" + std::string(key) + "' is " +
                                         (only ? "false" : "true") + "; only " +
                                         (only ? "true" : "false") + " is supported");
}

void check_heads(const ModelSpec& spec, const JsonField& config) {
  const auto fail = [&](const std::string& problem) {
    throw Error(ErrorCode::checkpoint, config.where() + " " + problem);
  };
  if (spec.heads % spec.kv_heads != 0) {
    fail(std::to_string(spec.heads) + " attention heads cannot share " +
         std::to_string(spec.kv_heads) + " key/value heads");
  }
  if (spec.head_dim % 2 != 0) {
    fail("a head of " + std::to_string(spec.head_dim) +
         " values cannot be rotated: rotary embedding needs an even number");
  }
}

void check_experts(const ModelSpec& spec, const JsonField& config) {
  const ExpertsSpec& experts = spec.experts;
  const auto fail = [&](const std::string& problem) {
    throw Error(ErrorCode::checkpoint, config.where() + " " + problem);
  };
  if (std::int64_t{experts.count} * spec.layers > kMaxExpertsOfAllLayers) {
    fail("'num_experts' is " + std::to_string(experts.count) + " in " +
         std::to_string(spec.layers) + " layers; at most " +
         std::to_string(kMaxExpertsOfAllLayers) + " in all are accepted");
  }
  if (experts.count % experts.groups != 0) {
    fail(std::to_string(experts.count) + " experts ('num_experts') do not form " +
         std::to_string(experts.groups) + " groups ('n_group')");
  }
  if (experts.top_groups > experts.groups) {
    fail("'topk_group' is " + std::to_string(experts.top_groups) + ", but there are only " +
         std::to_string(experts.groups) + " groups ('n_group')");
  }
  const int candidates = experts.count / experts.groups * experts.top_groups;
  if (experts.per_token > candidates) {
    fail("'num_experts_per_tok' is " + std::to_string(experts.per_token) +
         ", but a token can choose among " + std::to_string(candidates) + " experts only");
  }
}

void name_experts(LayerNames& names) {
  names.router = "mlp.gate";
  names.expert = "mlp.experts.{}.";
  names.expert_gate = "gate_proj";
  names.expert_up = "up_proj";
  names.expert_down = "down_proj";
}

}  // namespace unmask
