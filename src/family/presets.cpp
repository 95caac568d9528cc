// preset_options() and preset_names() of family.h: the named references.
#include "family/presets.h"

#include <array>

#include "family/registry.h"

namespace unmask {
namespace {

/// dllm's BD3LMSampler, for models that it trained with block-causal attention.
DecodeOptions dllm_blocks(const ModelFacts& facts) {
  DecodeOptions options = kA2d.reference(facts);
  options.block = 32;
  options.attention = AttentionKind::block;
  options.stop_after_block = true;
  return options;
}

/// Open-dCoder's `alg="p2"`, with the length and the steps of its sample.py.
DecodeOptions p2(const ModelFacts& facts) {
  DecodeOptions options = kOpenDcoder.reference(facts);
  options.length = 128;
  options.steps = 128;
  options.order = Order::confidence;
  set_option(options, "revise", "p2");
  return options;
}

/// ReMDM's script remdm-cap.sh.
DecodeOptions remdm(const ModelFacts& facts) {
  DecodeOptions options = kMdlm.reference(facts);
  options.steps = 1024;
  set_option(options, "revise", "remdm-cap:0.008");
  options.top_p = 0.9;
  return options;
}

/// Fast-dLLM's evaluation scripts: a threshold in blocks of 32 with the dual cache. Its variant for
/// Dream settles the first token of a block by itself.
DecodeOptions fast_dllm(const ModelFacts& facts) {
  const bool dream = facts.logit_shift;
  DecodeOptions options = dream ? kDream.reference(facts) : kLlada.reference(facts);
  options.length = 256;
  options.steps = 256;
  options.block = 32;
  set_option(options, "schedule", "even");
  set_option(options, "commit", "threshold:0.9");
  options.first_alone = dream;
  options.fast_dllm_habits = true;
  set_option(options, "cache", "dual");
  return options;
}

struct Preset {
  std::string_view name;
  const Family& family;  ///< whose reference implementation it is
  DecodeOptions (*options)(const ModelFacts&) = family.reference;
};

const auto& presets() {
  static const std::array kPresets{
      Preset{"llada", kLlada},
      Preset{"dream", kDream},
      Preset{"fast-dllm", kLlada, fast_dllm},
      Preset{"llada2", kLlada2},
      Preset{"llada2.1", kLlada21},
      Preset{"sdar", kSdar},
      Preset{"fast-dllm-v2", kFastDllmV2},
      Preset{"dllm-mdlm", kA2d},
      Preset{"dllm-bd3lm", kA2d, dllm_blocks},
      Preset{"open-dcoder", kOpenDcoder},
      Preset{"p2", kOpenDcoder, p2},
      Preset{"rnd1", kRnd1},
      Preset{"smdm", kSmdm},
      Preset{"mdlm", kMdlm},
      Preset{"remdm", kMdlm, remdm},
      Preset{"bd3lm", kBd3lm},
  };
  return kPresets;
}

constexpr std::string_view kReference = "reference";

}  // namespace

DecodeOptions preset_options(const ModelFacts& facts, std::string_view preset) {
  if (preset == kReference) return facts.reference;
  std::string known(kReference);
  for (const auto& [name, own] : facts.presets) {
    if (name == preset) {
      DecodeOptions options = own;
      options.end_ids = facts.end_ids;
      return options;
    }
    known += ", " + name;
  }
  for (const auto& [name, family, make] : presets()) {
    if (name == preset) {
      DecodeOptions options = make(facts);
      options.end_ids = facts.end_ids;
      return options;
    }
    known += ", " + std::string(name);
  }
  throw Error(ErrorCode::usage, "there is no preset '" + std::string(preset) + "'",
              "presets: " + known);
}

std::vector<std::string_view> preset_names() {
  std::vector<std::string_view> names{kReference};
  for (const auto& [name, family, make] : presets()) names.push_back(name);
  return names;
}

const Family* family_of_preset(std::string_view preset) {
  for (const auto& [name, family, make] : presets()) {
    if (name == preset) return &family;
  }
  return nullptr;
}

}  // namespace unmask
