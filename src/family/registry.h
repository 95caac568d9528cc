// The families, one declaration each. A new one adds its file, a line here and one in family.cpp.
#pragma once

#include "family/family.h"

namespace unmask {

extern const Family kA2d;
extern const Family kBd3lm;
extern const Family kDream;
extern const Family kExported;
extern const Family kFastDllmV2;
extern const Family kLlada;
extern const Family kLlada2;
extern const Family kLlada21;
extern const Family kLladaMoe;
extern const Family kMdlm;
extern const Family kOpenDcoder;
extern const Family kRnd1;
extern const Family kSdar;
extern const Family kSdarMoe;
extern const Family kSmdm;

}  // namespace unmask
