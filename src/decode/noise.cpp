#include "decode/noise.h"

#include "base/philox.h"

namespace unmask {
namespace {

PhiloxCounter counter(Purpose purpose, int step, int position, std::size_t pair) {
  return {static_cast<std::uint32_t>(purpose), static_cast<std::uint32_t>(step),
          static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(pair)};
}

}  // namespace

double SeededNoise::uniform(Purpose purpose, int step, int position) {
  return philox_uniform(seed_, counter(purpose, step, position, 0));
}

void SeededNoise::uniforms(Purpose purpose, int step, int position, std::span<double> out) {
  const PhiloxKey key{static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)};
  for (std::size_t i = 0; i < out.size(); i += 2) {  // one call gives two numbers
    const PhiloxCounter words = philox4x32(counter(purpose, step, position, i / 2), key);
    out[i] = unit_interval(words[0], words[1]);
    if (i + 1 < out.size()) out[i + 1] = unit_interval(words[2], words[3]);
  }
}

}  // namespace unmask
