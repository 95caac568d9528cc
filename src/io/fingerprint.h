// What an output file was made with, in a small file beside it: OUT.unmask.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace unmask {

std::string fingerprint_name(const std::string& out);

/// Nothing where there is none. Error{checkpoint} where it is no JSON object, Error{failure} where
/// it cannot be read.
std::optional<nlohmann::ordered_json> read_fingerprint(const std::string& out);

void write_fingerprint(const std::string& out, const nlohmann::ordered_json& fingerprint);

/// One line for every value that differs, "options.steps was 32, is 16"; empty where none does.
std::string differences(const nlohmann::ordered_json& before, const nlohmann::ordered_json& now);

}  // namespace unmask
