// JSON that we write: keys in the order in which they were set.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace unmask {

using OrderedJson = nlohmann::ordered_json;

/// JSON without line breaks. Bytes that are no UTF-8 become U+FFFD.
std::string json_text(const OrderedJson& json);

/// The same and a line break.
std::string json_line(const OrderedJson& json);

}  // namespace unmask
