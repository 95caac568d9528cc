// What an output file was made with, in a small file beside it: OUT.unmask.
#pragma once

#include <optional>
#include <string>

#include "base/json_text.h"

namespace unmask {

std::string fingerprint_name(const std::string& out);

/// Nothing where there is none. Error{checkpoint} where it is no JSON object, Error{failure} where
/// it cannot be read.
std::optional<OrderedJson> read_fingerprint(const std::string& out);

void write_fingerprint(const std::string& out, const OrderedJson& fingerprint);

/// One line for every value that differs, "options.steps was 32, is 16"; empty where none does.
std::string differences(const OrderedJson& before, const OrderedJson& now);

}  // namespace unmask
