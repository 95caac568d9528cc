// best_indices() and surest_indices() of commit.h.
#include <algorithm>
#include <numeric>

#include "rules/commit/commit.h"

namespace unmask {

std::vector<int> best_indices(const std::vector<float>& values, int count) {
  std::vector<int> indices(values.size());
  std::iota(indices.begin(), indices.end(), 0);
  std::stable_sort(indices.begin(), indices.end(),
                   [&](int a, int b) { return values[a] > values[b]; });
  indices.resize(std::clamp<std::size_t>(count, 0, indices.size()));
  std::sort(indices.begin(), indices.end());
  return indices;
}

std::vector<int> surest_indices(const std::vector<float>& values, double bound, int least) {
  const auto above = std::count_if(values.begin(), values.end(), [&](float value) {
    return value > static_cast<float>(bound);  // the references compare in float32
  });
  return best_indices(values, std::max(static_cast<int>(above), least));
}

}  // namespace unmask
