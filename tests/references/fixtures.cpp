#include "references/fixtures.h"

#include <algorithm>
#include <filesystem>

namespace unmask::testing {

namespace fs = std::filesystem;

std::vector<std::string> all_fixtures() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(UNMASK_FIXTURES)) {
    if (fs::exists(entry.path() / "model")) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> deterministic_fixtures() {
  std::vector<std::string> names = all_fixtures();
  // Their samplers draw every token; decode/rule_ancestral_test.cpp hands ours the same numbers.
  std::erase(names, "bd3lm");
  std::erase(names, "mdlm");
  return names;
}

std::string named_family(const std::string& fixture) {
  if (fixture.starts_with("open_dcoder")) return "open-dcoder";
  return fixture == "llada21" ? "llada2.1" : "";
}

}  // namespace unmask::testing
