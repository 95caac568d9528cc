// The tables that find_filter looks into.
#pragma once

#include <span>

#include "text/jinja/filters.h"

namespace unmask::jinja {

std::span<const Filter> text_filters();  ///< of strings
std::span<const Filter>
list_filters();  ///< of lists, and of lists by the attributes of their items

}  // namespace unmask::jinja
