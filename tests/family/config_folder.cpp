#include "family/config_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/testing.h"

namespace unmask::testing {

namespace fs = std::filesystem;

ConfigFolder::ConfigFolder(const Json& config, const Json& generation)
    : folder_(fs::temp_directory_path() / ("unmask-family-" + std::to_string(getpid()))) {
  fs::remove_all(folder_);
  fs::create_directory(folder_);
  std::ofstream(folder_ / "config.json") << config;
  if (!generation.is_null()) std::ofstream(folder_ / "generation_config.json") << generation;
}

ConfigFolder::~ConfigFolder() { fs::remove_all(folder_); }

ModelFacts ConfigFolder::facts(const std::string& family, std::string_view preset) const {
  return read_facts(CheckpointConfig(folder_), family, preset);
}

std::vector<std::string> fixture_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(UNMASK_FIXTURES)) {
    if (fs::exists(entry.path() / "model")) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Json fixture_config(const std::string& fixture) {
  return parse_json(content_of(testing::fixture(fixture) / "model/config.json"), fixture);
}

std::string named_family(const std::string& fixture) {
  if (fixture.starts_with("open_dcoder")) return "open-dcoder";
  return fixture == "llada21" ? "llada2.1" : "";
}

ModelFacts fixture_facts(const std::string& fixture) {
  return read_facts(CheckpointConfig(testing::fixture(fixture) / "model"), named_family(fixture));
}

Json changed(const std::string& fixture, const std::string& key, const Json& value) {
  Json config = fixture_config(fixture);
  if (value.is_discarded()) {
    config.erase(key);
  } else {
    config[key] = value;
  }
  return config;
}

std::string refusal(const Json& config, const std::string& family) {
  try {
    (void)ConfigFolder(config).facts(family);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::checkpoint) << error.what();
    return error.what();
  }
  return "";
}

}  // namespace unmask::testing
