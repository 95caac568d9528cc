// ReMDM (Wang et al. 2025): in each step of the reverse process settled positions are masked again
// at random, and as many more revealed.
#include <algorithm>
#include <string_view>

#include "rules/cards.h"

namespace unmask {
namespace {

constexpr Parameter kEtaParameter[] = {{.name = "ETA", .kind = Parameter::Kind::share}};
constexpr Parameter kLoopParameters[] = {
    {.name = "ETA", .kind = Parameter::Kind::share},
    {.name = "ON", .kind = Parameter::Kind::share, .fallback = 0.55},
    {.name = "OFF", .kind = Parameter::Kind::share, .fallback = 0.05},
    {.name = "KEPT", .kind = Parameter::Kind::share, .fallback = 0.9}};

/// Settled positions are masked again with probability `remask`. For every one of them, as many
/// open ones more are revealed as keeps the share of the text that is settled from `kept_t` to
/// `kept_s`.
Transition remasking(double kept_t, double kept_s, double remask) {
  return {.reveal = (kept_s - (1 - remask) * kept_t) / (1 - kept_t),
          .stay = std::max(0.0, (1 - kept_s - remask * kept_t) / (1 - kept_t)),
          .remask = remask};
}

/// With more, the share of open positions could not fall as it has to.
double highest(const Moment& at) {
  const double kept = 1 - at.masked_t;
  return kept > 0 ? std::min(1.0, at.masked_s / kept) : 1;
}

Transition remasking(const Moment& at, double remask) {
  return remasking(1 - at.masked_t, 1 - at.masked_s, remask);
}

Transition capped(Values values, const Moment& at) {
  return remasking(at, std::min(values[0], highest(at)));
}

Transition rescaled(Values values, const Moment& at) {
  return remasking(at, values[0] * highest(at));
}

Transition by_confidence(Values, const Moment& at) {
  Transition step = remasking(at, 0);
  step.remask = highest(at);
  step.by_confidence = true;
  return step;
}

/// The clock is stretched so that KEPT of the text is settled at ON; then it stands still and
/// tokens are exchanged; after OFF the rest is revealed.
Transition loop(Values values, const Moment& at) {
  const double eta = values[0], on = values[1], off = values[2], kept = values[3];
  const auto stretched = [&](float time) { return 1 - (1 - time) * kept / (1 - on); };
  if (at.t > on) return ancestral(stretched(at.t), stretched(at.s));
  const double left = (1 - kept) / off;
  if (at.t <= off) return ancestral(at.t * left, at.s * left);
  return remasking(kept, kept, eta);
}

std::string_view object_to_loop(Values values) {
  const bool fits = values[1] < 1 && values[2] < values[1] && values[3] < 1;
  return fits ? "" : "not possible: ON must be below 1, OFF below ON, and KEPT below 1";
}

}  // namespace

extern const ReviseCard kRemdmCapRevise{
    .rule = {.name = "remdm-cap",
             .help = "at random, with at most the probability ETA",
             .parameters = kEtaParameter},
    .goes_with = "ancestral",
    .transition = capped,
};

extern const ReviseCard kRemdmRescaleRevise{
    .rule = {.name = "remdm-rescale",
             .help = "with ETA of the largest possible one",
             .parameters = kEtaParameter},
    .goes_with = "ancestral",
    .transition = rescaled,
};

extern const ReviseCard kRemdmConfRevise{
    .rule = {.name = "remdm-conf", .help = "the less sure, the more often"},
    .goes_with = "ancestral",
    .transition = by_confidence,
};

extern const ReviseCard kRemdmLoopRevise{
    .rule = {.name = "remdm-loop",
             .help = "between the times ON and OFF, in which KEPT is settled",
             .parameters = kLoopParameters,
             .objection = object_to_loop},
    .goes_with = "ancestral",
    .transition = loop,
};

}  // namespace unmask
