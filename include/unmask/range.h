#pragma once

namespace unmask {

/// Positions [begin, end).
struct Range {
  int begin = 0;
  int end = 0;

  int size() const { return end - begin; }
  bool operator==(const Range&) const = default;
};

}  // namespace unmask
