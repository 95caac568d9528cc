#include "family/family.h"

#include <array>

#include "base/utf8.h"
#include "family/config_reader.h"
#include "family/generation_config.h"
#include "family/presets.h"
#include "family/registry.h"

namespace unmask {
namespace {

constexpr std::array<const Family*, 15> kFamilies{
    &kLlada, &kLladaMoe, &kLlada2, &kLlada21,    &kDream, &kSdar,  &kSdarMoe, &kFastDllmV2,
    &kA2d,   &kRnd1,     &kSmdm,   &kOpenDcoder, &kMdlm,  &kBd3lm, &kExported};

std::string described(const Family& family) {
  return std::string(family.name) + " (" + std::string(family.models) + ")";
}

std::string supported_list() {
  std::string list;
  for (const Family* family : kFamilies) list += (list.empty() ? "" : "; ") + described(*family);
  return list;
}

bool could_be(const Family& family, std::string_view model_type) {
  return family.could_be != nullptr && family.could_be(model_type);
}

const Family& named_family(const std::string& name) {
  for (const Family* family : kFamilies) {
    if (family->name == name) return *family;
  }
  throw Error(ErrorCode::usage, "there is no model family '" + utf8::printable(name) + "'",
              "supported: " + supported_list());
}

[[noreturn]] void refuse(const JsonField& config, const std::string& model_type,
                         const std::string& architecture) {
  std::string ways;
  for (const Family* family : kFamilies) {
    if (!could_be(*family, model_type)) continue;
    ways += "--family " + std::string(family->name) + " takes it for " +
            std::string(family->models) + ", ";
  }
  const std::string hint =
      ways.empty() ? "--family NAME overrides what the file says"
                   : ways +
                         "which have such a config.json too; any other one writes from left to "
                         "right and is no use here";
  throw Error(ErrorCode::checkpoint,
              config.where() + " model type '" + utf8::printable(model_type) + "' (architecture '" +
                  utf8::printable(architecture) + "') is not a supported masked-diffusion model",
              hint + "; supported: " + supported_list());
}

const Family& find_family(const JsonField& config, const std::string& name,
                          std::string_view preset) {
  if (!name.empty()) return named_family(name);
  const std::string model_type = config.text_or("model_type", "");
  std::string architecture;
  if (config.has("architectures") && config.at("architectures").size() > 0) {
    architecture = config.at("architectures").at(0).text();
  }
  const Family* implied = family_of_preset(preset);
  if (implied != nullptr && could_be(*implied, model_type)) return *implied;
  for (const Family* family : kFamilies) {
    if (family->recognises(model_type, architecture)) return *family;
  }
  refuse(config, model_type, architecture);
}

void check_rows(const ModelFacts& facts, const JsonField& config) {
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

ModelFacts read_facts(const Checkpoint& checkpoint, const std::string& name,
                      std::string_view preset) {
  const JsonField config = checkpoint.config();
  const JsonField generation = checkpoint.generation();
  const Family& family = find_family(config, name, preset);
  ModelFacts facts = family.read(config);
  facts.family = family.name;
  if (generation.has("mask_token_id")) facts.mask_id = read_token_id(generation, "mask_token_id");
  facts.end_ids = read_token_ids(generation, "eos_token_id", facts.end_ids);
  check_rows(facts, config);
  facts.reference = family.reference(facts);
  facts.reference.end_ids = facts.end_ids;
  facts.defaults = facts.reference;
  apply_generation_config(facts.defaults, generation);
  facts.presets = read_presets(generation, facts.defaults);
  facts.hole_options = read_hole_options(generation, facts.defaults);
  return facts;
}

}  // namespace unmask
