#include "rules/reverse_process.h"

#include <algorithm>
#include <cmath>

#include "rules/cards.h"
#include "rules/schedule/times.h"

namespace unmask {
namespace {

const NoiseProcess& noise_of(const DecodeOptions& options) { return *options.schedule.card->noise; }

/// The same with weights that sum to 1.
Transition normalized(double masked_t, double masked_s) {
  const double stay = masked_t > 0 ? std::max(0.0, masked_s) / masked_t : 0;
  return {.reveal = 1 - stay, .stay = stay};
}

}  // namespace

std::vector<float> process_times(const DecodeOptions& options, int steps) {
  const bool to_zero = noise_of(options).to_zero;
  const float last = to_zero ? 0 : static_cast<float>(options.schedule.values[0]);
  const int count = to_zero ? steps : steps + 1;
  std::vector<float> times;
  for (int i = 0; i < count; ++i) times.push_back(linspace(last, count, i));
  return times;
}

double step_duration(const DecodeOptions& options, int steps) {
  return (noise_of(options).to_zero ? 1 : 1 - options.schedule.values[0]) / steps;
}

Transition transition(const DecodeOptions& options, float t, float s) {
  const NoiseProcess& noise = noise_of(options);
  const Moment at{t, s, noise.most * t, noise.most * s};
  const ReviseCard& revise = *options.revise.card;
  if (revise.transition != nullptr) return revise.transition(options.revise.values, at);
  const bool sums_to_one = options.commit.card->reverse == Reverse::analytic || noise.to_zero;
  return sums_to_one ? normalized(at.masked_t, at.masked_s) : ancestral(at.masked_t, at.masked_s);
}

std::vector<float> remask_shares(std::span<const float> confidence) {
  std::vector<float> shares;
  float total = 0;
  for (const float value : confidence) {
    shares.push_back(std::exp(-value));
    total += shares.back();
  }
  for (float& share : shares) share /= total;
  return shares;
}

double noise_level(const DecodeOptions& options, float t) {
  constexpr double kLeft = 1e-3;  // of the text at time 1, also where nothing says so
  if (noise_of(options).to_zero) {
    return std::min(-std::log1p(-static_cast<double>(t)), -std::log(kLeft));
  }
  return -std::log1p(-(1 - kLeft) * t);
}

}  // namespace unmask
