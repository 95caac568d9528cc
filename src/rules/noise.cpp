#include "rules/noise.h"

#include "base/philox.h"

namespace unmask {
namespace {

PhiloxCounter counter(Purpose purpose, int step, int position, std::size_t pair) {
  return {static_cast<std::uint32_t>(purpose), static_cast<std::uint32_t>(step),
          static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(pair)};
}

}  // namespace

int Noise::draw(int step, int position, const Choice& choice) {
  const double total = choice.scale + choice.other_weight;
  double left = uniform(Purpose::token, step, position) * total - choice.other_weight;
  if (left < 0) return choice.other;
  int id = choice.other;
  for (std::size_t i = 0; i < choice.ids.size(); ++i) {
    if (choice.shares[i] <= 0) continue;
    id = choice.ids[i];
    left -= choice.scale * choice.shares[i];
    if (left < 0) break;
  }
  return id;  // the last possible one, where rounding leaves a little beyond it
}

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
