#include "family/generation_config.h"

#include <algorithm>
#include <optional>

#include "family/family.h"
#include "rules/cards.h"

namespace unmask {
namespace {

constexpr int kMaxCount = 1 << 24;

/// Dream's names for order and commit rule.
void apply_algorithm(DecodeOptions& options, const JsonField& field) {
  const std::string name = field.text();
  set_option(options, "commit", name == "origin" ? "bernoulli" : "quota");
  if (name == "origin") return;
  if (name == "maskgit_plus") {
    options.order = Order::confidence;
  } else if (name == "topk_margin") {
    options.order = Order::margin;
  } else if (name == "entropy") {
    options.order = Order::entropy;
  } else {
    throw field.error("is '" + name + "', none of origin, maskgit_plus, topk_margin, entropy");
  }
}

/// `greedy` is RND1's word. `do_sample: false` makes Hugging Face ignore the sampling keys.
bool samples(const JsonField& generation) {
  return generation.boolean_or("do_sample", true) && !generation.boolean_or("greedy", false);
}

/// A value as it would be typed.
std::string typed(const JsonField& field) {
  const Json& value = field.value();
  if (value.is_boolean()) return value.get<bool>() ? "on" : "off";
  return value.is_number() ? value.dump() : field.text();
}

OptionList read_list(const JsonField& object) {
  if (!object.value().is_object()) throw object.error("is not an object");
  OptionList list;
  for (const auto& [name, value] : object.value().items()) {
    list.emplace_back(name, typed(object.at(name)));
  }
  return list;
}

/// The options of `object` on top of `options`.
DecodeOptions with_list(const JsonField& object, DecodeOptions options) {
  try {
    for (const auto& [name, value] : read_list(object)) set_option(options, name, value);
    check_options(options);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::usage) throw;
    throw object.error(std::string("cannot be: ") + error.what(), error.hint());
  }
  return options;
}

/// "unmask": {`key`: ...}.
std::optional<JsonField> own_field(const JsonField& generation, std::string_view key) {
  if (!generation.has("unmask") || !generation.at("unmask").has(key)) return std::nullopt;
  return generation.at("unmask").at(key);
}

void apply_hugging_face(DecodeOptions& options, const JsonField& generation) {
  const auto count = [&](std::string_view key, int& value, int minimum) {
    value = static_cast<int>(generation.integer_or(key, value, minimum, kMaxCount));
  };
  count("max_new_tokens", options.length, 1);
  count("block_length", options.block, 1);
  if (counts_steps(options)) {
    count("steps", options.steps, 1);
    count("num_diffusion_steps", options.steps, 1);
  }
  double unused = 1;  // by schedules that do not run in time
  double* const eps = find_value(options.schedule, "EPS");
  double& last = eps != nullptr ? *eps : unused;
  last = generation.number_or("eps", last, 1e-9, 1);
  options.order_temperature = generation.number_or("alg_temp", options.order_temperature, 0, 1e6);
  if (generation.has("alg")) apply_algorithm(options, generation.at("alg"));
  if (generation.has("eb_gamma")) {
    options.commit = {find_card<CommitCard>("entropy-bound"),
                      {generation.at("eb_gamma").number(0, 1e6)}};
  }
  if (!samples(generation)) return;
  count("top_k", options.top_k, 0);
  options.temperature = generation.number_or("temperature", options.temperature, 0, 1e6);
  options.top_p = generation.number_or("top_p", options.top_p, 1e-9, 1);
}

}  // namespace

void apply_generation_config(DecodeOptions& options, const JsonField& generation) {
  apply_hugging_face(options, generation);
  const auto defaults = own_field(generation, "defaults");
  if (defaults) options = with_list(*defaults, options);
}

std::map<std::string, DecodeOptions, std::less<>> read_presets(const JsonField& generation,
                                                               const DecodeOptions& defaults) {
  std::map<std::string, DecodeOptions, std::less<>> presets;
  const auto all = own_field(generation, "presets");
  if (!all) return presets;
  if (!all->value().is_object()) throw all->error("is not an object");
  for (const auto& [name, value] : all->value().items()) {
    const JsonField preset = all->at(name);
    if (std::ranges::count(preset_names(), name) > 0) {
      throw preset.error("is the name of a preset that every model has");
    }
    presets.emplace(name, with_list(preset, defaults));
  }
  return presets;
}

OptionList read_hole_options(const JsonField& generation, const DecodeOptions& defaults) {
  const auto holes = own_field(generation, "holes");
  if (!holes) return {};
  (void)with_list(*holes, defaults);  // refuses what cannot be
  return read_list(*holes);
}

}  // namespace unmask
