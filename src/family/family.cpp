#include "family/family.h"

#include <array>

#include "family/config_reader.h"
#include "family/generation_config.h"
#include "family/registry.h"

namespace unmask {
namespace {

constexpr std::array<const Family*, 2> kFamilies{&kLlada, &kDream};

std::string supported_list() {
  std::string list;
  for (const Family* family : kFamilies) {
    list += (list.empty() ? "" : "; ") + std::string(family->name) + " (" +
            std::string(family->models) + ")";
  }
  return list;
}

const Family& find_family(const JsonField& config, const std::string& name) {
  if (!name.empty()) {
    for (const Family* family : kFamilies) {
      if (family->name == name) return *family;
    }
    throw Error(ErrorCode::usage, "there is no model family '" + name + "'",
                "supported: " + supported_list());
  }
  const std::string model_type = config.text_or("model_type", "");
  std::string architecture;
  if (config.has("architectures") && config.at("architectures").size() > 0) {
    architecture = config.at("architectures").at(0).text();
  }
  for (const Family* family : kFamilies) {
    if (family->recognises(model_type, architecture)) return *family;
  }
  throw Error(ErrorCode::checkpoint,
              config.where() + " model type '" + model_type + "' (architecture '" + architecture +
                  "') is not a supported masked-diffusion model",
              "supported: " + supported_list() + "; --family NAME overrides what the file says");
}

void check_ids(const ModelFacts& facts, const JsonField& config) {
  const int rows = facts.spec.vocab_rows;
  const auto check = [&](std::string_view what, int id) {
    if (id < rows) return;
    throw Error(ErrorCode::checkpoint, config.where() + " the " + std::string(what) + " id is " +
                                           std::to_string(id) + ", but the embedding has only " +
                                           std::to_string(rows) + " rows");
  };
  check("mask", facts.mask_id);
  for (const int id : facts.end_ids) check("end", id);
  if (facts.vocab > rows) {
    throw Error(ErrorCode::checkpoint,
                config.where() + " the vocabulary is " + std::to_string(facts.vocab) +
                    ", but the embedding has only " + std::to_string(rows) + " rows");
  }
}

}  // namespace

std::span<const Family* const> families() { return kFamilies; }

ModelFacts read_facts(const CheckpointConfig& checkpoint, const std::string& name) {
  const JsonField config = checkpoint.config();
  const JsonField generation = checkpoint.generation();
  const Family& family = find_family(config, name);
  ModelFacts facts = family.read(config);
  facts.family = family.name;
  facts.mask_id =
      static_cast<int>(generation.integer_or("mask_token_id", facts.mask_id, 0, kMaxVocab));
  facts.end_ids = read_token_ids(generation, "eos_token_id", facts.end_ids);
  check_ids(facts, config);
  facts.reference = family.reference();
  facts.reference.end_ids = facts.end_ids;
  facts.defaults = facts.reference;
  apply_generation_config(facts.defaults, generation);
  return facts;
}

DecodeOptions preset_options(const ModelFacts& facts, std::string_view preset) {
  if (preset == "reference") return facts.reference;
  std::string known = "reference";
  for (const Family* family : kFamilies) {
    if (family->name == preset) {
      DecodeOptions options = family->reference();
      options.end_ids = facts.end_ids;
      return options;
    }
    known += ", " + std::string(family->name);
  }
  throw Error(ErrorCode::usage, "there is no preset '" + std::string(preset) + "'",
              "presets: " + known);
}

std::vector<std::string_view> preset_names() {
  std::vector<std::string_view> names{"reference"};
  for (const Family* family : kFamilies) names.push_back(family->name);
  return names;
}

}  // namespace unmask
