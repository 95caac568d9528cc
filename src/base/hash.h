// A hash that is the same on every machine and in every version: what it gives is written to files.
#pragma once

#include <cstdint>
#include <string_view>

namespace unmask {

inline constexpr std::uint64_t kFnvStart = 0xCBF29CE484222325u;

/// 64-bit FNV-1a. `hash` is that of the bytes before, where they come in pieces.
constexpr std::uint64_t fnv1a(std::string_view bytes, std::uint64_t hash = kFnvStart) {
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3u;
  return hash;
}

}  // namespace unmask
