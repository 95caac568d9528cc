// The tables that find_method looks into.
#pragma once

#include <span>
#include <string_view>

#include "text/jinja/interpreter.h"

namespace unmask::jinja {

struct MethodEntry {
  std::string_view name;
  MethodBody body;  ///< nullptr: known to Python, but nobody may call it here
};

std::span<const MethodEntry> string_methods();
std::span<const MethodEntry> list_methods();
std::span<const MethodEntry> tuple_methods();  ///< and of ranges
std::span<const MethodEntry> dict_methods();

}  // namespace unmask::jinja
