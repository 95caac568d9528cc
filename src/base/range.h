// A stretch of positions.
#pragma once

#include <numeric>
#include <vector>

namespace unmask {

/// [begin, end).
struct Range {
  int begin = 0;
  int end = 0;

  int size() const { return end - begin; }
  bool operator==(const Range&) const = default;
};

/// Its positions, ascending.
inline std::vector<int> indices(Range range) {
  std::vector<int> all(range.size());
  std::iota(all.begin(), all.end(), range.begin);
  return all;
}

}  // namespace unmask
