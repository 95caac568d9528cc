// Stretches of positions.
#pragma once

#include <numeric>
#include <vector>

#include "unmask/range.h"

namespace unmask {

/// Its positions, ascending.
inline std::vector<int> indices(Range range) {
  std::vector<int> all(range.size());
  std::iota(all.begin(), all.end(), range.begin);
  return all;
}

}  // namespace unmask
