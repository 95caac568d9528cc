// Model families: how each one's config.json is recognised and what follows from it.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "family/model_spec.h"
#include "unmask/options.h"

namespace unmask {

inline constexpr int kUnknownId = -1;

/// Decoding options as they would be typed: name of the flag, value.
using OptionList = std::vector<std::pair<std::string, std::string>>;

/// Everything that is known about a checkpoint before its weights are opened.
struct ModelFacts {
  std::string family;  ///< "llada"
  ModelSpec spec;
  int mask_id = 0;  ///< kUnknownId: only the tokenizer knows
  /// The first is the end-of-text token. Empty: only the tokenizer knows.
  std::vector<int> end_ids;
  int vocab = 0;             ///< ids at or above are padding rows of the head: never chosen
  int context = 0;           ///< positions the model was made for; 0 where the config is silent
  int window = 0;            ///< how many of the last positions are seen (BD3-LM); 0: all
  int block = 0;             ///< block length that config.json names; 0: it names none
  bool logit_shift = false;  ///< the prediction for position i is the output at i - 1
  bool thinks = true;        ///< false: asked for answers without thoughts, where the chat format
                             ///< has them (`enable_thinking=False`)
  /// What config.json leaves open and how to say it: "LLaDA2.1 has the same config.json; --family
  /// llada2.1 decodes as it does". "" where nothing is.
  std::string ambiguity;
  DecodeOptions reference;  ///< what the family's own generate does
  DecodeOptions defaults;   ///< the same with the checkpoint's generation_config.json applied
  /// Presets that generation_config.json brings along, by name.
  std::map<std::string, DecodeOptions, std::less<>> presets;
  /// What generation_config.json changes in its defaults and presets where a prompt has holes.
  OptionList hole_options;
};

/// One supported family.
struct Family {
  std::string_view name;
  std::string_view models;  ///< the published models it covers, for help and errors
  /// Whether a config.json with these values is of this family.
  bool (*recognises)(std::string_view model_type, std::string_view architecture);
  /// Whether one with this model type may be of this family although it does not say so, which is
  /// for --family or a preset to decide. May be null: never.
  bool (*could_be)(std::string_view model_type);
  /// Fills spec, ids, vocab, context, shift and attention.
  ModelFacts (*read)(const JsonField& config);
  /// What the family's own generate does with a model of these facts. End ids are added later.
  DecodeOptions (*reference)(const ModelFacts& facts);
};

/// All families, in the order in which they are tried.
std::span<const Family* const> families();

/// Understands a checkpoint's configuration. `family` names one outright; empty: by config.json,
/// and where that leaves it open by the family that `preset` is named after.
/// Throws Error{checkpoint} that names the model type and lists what is supported.
ModelFacts read_facts(const Checkpoint& checkpoint, const std::string& family,
                      std::string_view preset = {});

/// The options of `preset` for this model: "reference" is its own family's, the model's own presets
/// are as it has them, the others those of the reference implementation that they are named after.
/// Throws Error{usage} that lists the presets.
DecodeOptions preset_options(const ModelFacts& facts, std::string_view preset);

/// The presets that every model has.
std::vector<std::string_view> preset_names();

}  // namespace unmask
