// Which positions a forward pass computes, and which it takes from the cache.
#pragma once

#include <memory>
#include <vector>

#include "rules/cards.h"
#include "rules/rule.h"

namespace unmask {

/// Made per sequence; keeps track of which positions the cache holds rightly.
class CachePolicy {
 public:
  virtual ~CachePolicy() = default;

  /// The positions to be computed in the pass that answers `wants`, of [0, end), ascending. Called
  /// once per pass: what is computed is in the cache afterwards.
  virtual std::vector<int> compute(const Canvas& canvas, const Wants& wants, int end) = 0;
};

/// Nothing where there is nothing to keep: the whole canvas is computed in each pass.
std::unique_ptr<CachePolicy> make_cache_policy(const DecodeOptions& options);

}  // namespace unmask
