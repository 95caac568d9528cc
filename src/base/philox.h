// Counter-based random numbers: a number is a pure function of what it is for, so it does not
// depend on threads, on batch mates or on how many were drawn before.
#pragma once

#include <array>
#include <cstdint>

namespace unmask {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

/// Philox4x32 with ten rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11).
/// Agrees with the known-answer vectors of the authors' Random123 library.
PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key) noexcept;

/// The upper 53 of 64 random bits as a multiple of 2^-53 in [0, 1).
constexpr double unit_interval(std::uint32_t high, std::uint32_t low) noexcept {
  const std::uint64_t bits = (std::uint64_t{high} << 32 | low) >> 11;
  return static_cast<double>(bits) * 0x1.0p-53;
}

/// The number in [0, 1) that belongs to `counter` under `seed`: words 0 (high) and 1 of philox4x32.
double philox_uniform(std::uint64_t seed, PhiloxCounter counter) noexcept;

}  // namespace unmask
