#include "rules/reverse_process.h"

#include <algorithm>
#include <cmath>

#include "rules/schedule/linspace.h"

namespace unmask {
namespace {

/// The trained noise stops short of masking everything: so much of the text is left at time 1.
constexpr double kLoglinearEps = 1e-3;

/// Probability that a position is masked at time t.
double masked_share(ScheduleKind schedule, double t) {
  return schedule == ScheduleKind::loglinear ? (1 - kLoglinearEps) * t : t;
}

/// No settled position changes. `masked_t` and `masked_s`: the shares of the text that are masked.
Transition ancestral(double masked_t, double masked_s) {
  return {.reveal = masked_t - masked_s, .stay = masked_s};
}

/// The same with weights that sum to 1.
Transition normalized(double masked_t, double masked_s) {
  const double stay = masked_t > 0 ? std::max(0.0, masked_s) / masked_t : 0;
  return {.reveal = 1 - stay, .stay = stay};
}

/// Settled positions are masked again with probability `remask`. For every one of them, as many
/// open ones more are revealed as keeps the share of the text that is settled from `kept_t` to
/// `kept_s`.
Transition remasking(double kept_t, double kept_s, double remask) {
  return {.reveal = (kept_s - (1 - remask) * kept_t) / (1 - kept_t),
          .stay = std::max(0.0, (1 - kept_s - remask * kept_t) / (1 - kept_t)),
          .remask = remask};
}

/// ReMDM-loop: the clock is stretched so that loop_kept of the text is settled at loop_on; then it
/// stands still and tokens are exchanged; after loop_off the rest is revealed.
Transition loop(const DecodeOptions& o, float t, float s) {
  const auto stretched = [&](float time) { return 1 - (1 - time) * o.loop_kept / (1 - o.loop_on); };
  if (t > o.loop_on) return ancestral(stretched(t), stretched(s));
  const double left = (1 - o.loop_kept) / o.loop_off;
  if (t <= o.loop_off) return ancestral(t * left, s * left);
  return remasking(o.loop_kept, o.loop_kept, o.revise_strength);
}

}  // namespace

std::vector<float> process_times(const DecodeOptions& options, int steps) {
  const bool to_zero = options.schedule == ScheduleKind::bd3lm;
  const float last = to_zero ? 0 : static_cast<float>(options.schedule_eps);
  const int count = to_zero ? steps : steps + 1;
  std::vector<float> times;
  for (int i = 0; i < count; ++i) times.push_back(linspace(last, count, i));
  return times;
}

double step_duration(const DecodeOptions& options, int steps) {
  return (options.schedule == ScheduleKind::bd3lm ? 1 : 1 - options.schedule_eps) / steps;
}

Transition transition(const DecodeOptions& options, float t, float s) {
  const double masked_t = masked_share(options.schedule, t);
  const double masked_s = masked_share(options.schedule, s);
  const double kept_t = 1 - masked_t, kept_s = 1 - masked_s;
  // With more, the share of open positions could not fall as it has to.
  const double highest = kept_t > 0 ? std::min(1.0, masked_s / kept_t) : 1;
  const double eta = options.revise_strength;
  switch (options.revise) {
    case ReviseKind::remdm_cap:
      return remasking(kept_t, kept_s, std::min(eta, highest));
    case ReviseKind::remdm_rescale:
      return remasking(kept_t, kept_s, eta * highest);
    case ReviseKind::remdm_conf: {
      Transition step = remasking(kept_t, kept_s, 0);
      step.remask = highest;
      return step;
    }
    case ReviseKind::remdm_loop:
      return loop(options, t, s);
    default:
      break;
  }
  const bool sums_to_one =
      options.commit == CommitKind::analytic || options.schedule == ScheduleKind::bd3lm;
  return sums_to_one ? normalized(masked_t, masked_s) : ancestral(masked_t, masked_s);
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
  const double highest = -std::log(kLoglinearEps);
  if (options.schedule == ScheduleKind::bd3lm)
    return std::min(-std::log1p(-static_cast<double>(t)), highest);
  return -std::log1p(-(1 - kLoglinearEps) * t);
}

}  // namespace unmask
