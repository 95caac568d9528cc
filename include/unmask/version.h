#pragma once

namespace unmask {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace unmask
