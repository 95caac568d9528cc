#include "references/reference_cases.h"

#include <filesystem>

#include "base/file.h"
#include "checkpoint/safetensors.h"
#include "references/parameters.h"
#include "references/reference_rows.h"

namespace unmask::testing {

std::vector<ReferenceCase> reference_cases(const std::string& fixture, const std::string& section) {
  const std::filesystem::path folder = std::filesystem::path(UNMASK_FIXTURES) / fixture;
  const Json cases = parse_json(read_file(folder / "cases.json", 1 << 24), "cases.json");
  const SafetensorsFile goldens(folder / "goldens.safetensors");
  std::vector<ReferenceCase> references;
  for (const Json& json : cases.value(section, Json::array())) {
    ReferenceCase reference;
    reference.name = json.at("name");
    reference.algorithm = json.at("algorithm");
    reference.mask_id = json.value("mask_id", 0);
    if (!read_parameters(json, reference)) continue;
    read_rows(json, goldens, reference);
    references.push_back(reference);
  }
  return references;
}

}  // namespace unmask::testing
