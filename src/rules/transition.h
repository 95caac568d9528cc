// What a step of the reverse process of masked diffusion does to a position.
#pragma once

namespace unmask {

/// A step from time t to the earlier time s, and the shares of the text that are masked then.
struct Moment {
  float t, s;
  double masked_t, masked_s;
};

/// Weights, which need not sum to 1.
struct Transition {
  double reveal = 0;           ///< an open position gets token v with weight reveal * p(v),
  double stay = 0;             ///< and stays open with this one
  double remask = 0;           ///< a settled position is masked again with this probability
  bool by_confidence = false;  ///< or with its share of that, the less sure the more
};

/// No settled position changes. `masked_t` and `masked_s`: the shares of the text that are masked.
inline Transition ancestral(double masked_t, double masked_s) {
  return {.reveal = masked_t - masked_s, .stay = masked_s};
}

}  // namespace unmask
