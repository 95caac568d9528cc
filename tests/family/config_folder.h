// Configurations for tests: those of the fixtures, and changed ones.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "family/family.h"
#include "references/fixtures.h"

namespace unmask::testing {

/// A folder with the given config.json, and generation_config.json where it is not null.
class ConfigFolder {
 public:
  explicit ConfigFolder(const Json& config, const Json& generation = {});
  ~ConfigFolder();
  ConfigFolder(const ConfigFolder&) = delete;
  ConfigFolder& operator=(const ConfigFolder&) = delete;

  ModelFacts facts(const std::string& family = "", std::string_view preset = {}) const;

 private:
  std::filesystem::path folder_;
};

Json fixture_config(const std::string& fixture);

ModelFacts fixture_facts(const std::string& fixture);

/// The fixture's config.json with `key` set to `value`, or removed where that is discarded.
Json changed(const std::string& fixture, const std::string& key, const Json& value);

/// What the Error{checkpoint} says that reading this config gives; "" where it gives none.
std::string refusal(const Json& config, const std::string& family = "");

}  // namespace unmask::testing
