// Which family's reference implementation a preset is named after.
#pragma once

#include "family/family.h"

namespace unmask {

/// nullptr for "reference" and for names that are no preset.
const Family* family_of_preset(std::string_view preset);

}  // namespace unmask
