#include "decode/commit.h"

#include <algorithm>
#include <numeric>

namespace unmask {

std::unique_ptr<CommitRule> make_commit_rule(const DecodeOptions& options) {
  switch (options.commit) {
    case CommitKind::quota:
      return make_quota_commit(options.order_temperature);
    case CommitKind::bernoulli:
      return make_bernoulli_commit();
  }
  return nullptr;
}

std::vector<int> best_indices(const std::vector<float>& values, int count) {
  std::vector<int> indices(values.size());
  std::iota(indices.begin(), indices.end(), 0);
  std::stable_sort(indices.begin(), indices.end(),
                   [&](int a, int b) { return values[a] > values[b]; });
  indices.resize(std::clamp<std::size_t>(count, 0, indices.size()));
  std::sort(indices.begin(), indices.end());
  return indices;
}

}  // namespace unmask
