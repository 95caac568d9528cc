// What an output file was made with, in a small file beside it: OUT.unmask.
#pragma once

#include <optional>
#include <string>

#include "base/json_text.h"

namespace unmask {

/// Of what a fingerprint holds. It goes up whenever that changes: fingerprints of two schemas
/// cannot be compared.
inline constexpr int kFingerprintSchema = 3;

std::string fingerprint_name(const std::string& out);

/// Nothing where there is none. Error{checkpoint} where it is no JSON object, Error{failure} where
/// it cannot be read.
std::optional<OrderedJson> read_fingerprint(const std::string& out);

void write_fingerprint(const std::string& out, const OrderedJson& fingerprint);

/// "an earlier" or "a later" where another build than one like that of `now` has written `before`;
/// else "".
std::string other_build(const OrderedJson& before, const OrderedJson& now);

/// One line for every value that differs, "options.steps was 32, is 16"; empty where none does.
std::string differences(const OrderedJson& before, const OrderedJson& now);

}  // namespace unmask
