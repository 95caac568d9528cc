// Model families: how each one's config.json is recognised and what follows from it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "family/model_spec.h"
#include "unmask/options.h"

namespace unmask {

/// Everything that is known about a checkpoint before its weights are opened.
struct ModelFacts {
  std::string family;  ///< "llada"
  ModelSpec spec;
  int mask_id = 0;
  std::vector<int> end_ids;  ///< the first is the end-of-text token
  int vocab = 0;             ///< ids at or above are padding rows of the head: never chosen
  int context = 0;           ///< positions the model was made for; 0 where the config is silent
  bool logit_shift = false;  ///< the prediction for position i is the output at i - 1
  int attention_block = 0;   ///< 0: full attention; else block-causal with that block length
  DecodeOptions reference;   ///< what the family's own generate does
  DecodeOptions defaults;    ///< the same with the checkpoint's generation_config.json applied
};

/// One supported family.
struct Family {
  std::string_view name;
  std::string_view models;  ///< the published models it covers, for help and errors
  /// Whether a config.json with these values is of this family.
  bool (*recognises)(std::string_view model_type, std::string_view architecture);
  /// Fills spec, ids, vocab, context, shift and attention.
  ModelFacts (*read)(const JsonField& config);
  /// What the family's own generate does. End ids are added from the facts.
  DecodeOptions (*reference)();
};

/// All families, in the order in which they are tried.
std::span<const Family* const> families();

/// Understands a checkpoint's configuration. `family` names one outright; empty: by config.json.
/// Throws Error{checkpoint} that names the model type and lists what is supported.
ModelFacts read_facts(const CheckpointConfig& config, const std::string& family);

/// The options of `preset` for this model: "reference" is its own family's, a family's name that
/// family's.
/// Throws Error{usage} that lists the presets.
DecodeOptions preset_options(const ModelFacts& facts, std::string_view preset);
std::vector<std::string_view> preset_names();

}  // namespace unmask
