// How a token is drawn for a position, and how positions are ranked.
#pragma once

#include "unmask/options.h"

namespace unmask {

/// The part of the options that says so, one field of the same name each. Which ids are ruled out
/// is not among it: that holds for all rules alike.
struct Sampling {
  Sampling() = default;
  Sampling(const DecodeOptions& options)  // NOLINT: options are always a sampling
      : sampler(options.sampler),
        temperature(options.temperature),
        top_k(options.top_k),
        top_p(options.top_p),
        top_k_first(options.top_k_first),
        order(options.order) {}

  /// The best token of the unfiltered distribution.
  Sampling greedy() const {
    Sampling best = *this;
    best.temperature = 0;
    best.top_k = 0;
    best.top_p = 1;
    return best;
  }

  /// The same where a row is only judged: its token may be any id, also one that is never written.
  Sampling judging() const {
    Sampling any = *this;
    any.any_id = true;
    return any;
  }

  Sampler sampler = Sampler::gumbel;
  double temperature = 0;
  int top_k = 0;
  double top_p = 1;
  bool top_k_first = false;
  Order order = Order::confidence;
  bool any_id = false;
};

}  // namespace unmask
