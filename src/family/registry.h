// The families, one declaration each. A new one adds its file, a line here and one in family.cpp.
#pragma once

#include "family/family.h"

namespace unmask {

extern const Family kDream;
extern const Family kLlada;

}  // namespace unmask
