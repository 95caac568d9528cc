#include "family/config_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

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
  return read_facts(*Checkpoint::open(folder_), family, preset);
}

Json fixture_config(const std::string& fixture) {
  return parse_json(content_of(testing::fixture(fixture) / "model/config.json"), fixture);
}

ModelFacts fixture_facts(const std::string& fixture) {
  return read_facts(*Checkpoint::open(testing::fixture(fixture) / "model"), named_family(fixture));
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
