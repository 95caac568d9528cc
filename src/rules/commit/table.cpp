#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "rules/commit/commit.h"

namespace unmask {

std::unique_ptr<CommitRule> make_commit_rule(const DecodeOptions& options) {
  switch (options.commit) {
    case CommitKind::quota:
      return make_quota_commit(options.order_temperature);
    case CommitKind::threshold:
      return make_threshold_commit(options.commit_bound, options.min_commit,
                                   options.fast_dllm_habits);
    case CommitKind::factor:
      return make_factor_commit(options.commit_bound, options.fast_dllm_habits);
    case CommitKind::carry:
      return make_carry_commit(options.commit_bound);
    case CommitKind::klass:
      return make_klass_commit(options.commit_bound, options.commit_second);
    case CommitKind::credit:
      return make_credit_commit(options.commit_bound);
    case CommitKind::hierarchy:
      return make_hierarchy_commit(options.commit_bound, options.commit_second);
    case CommitKind::entropy_sum:
      return make_entropy_sum_commit(options.commit_bound);
    case CommitKind::entropy_bound:
      return make_entropy_bound_commit(options.commit_bound);
    case CommitKind::binomial:
      return make_binomial_commit();
    case CommitKind::bernoulli:
      return make_bernoulli_commit();
    case CommitKind::verify:
    case CommitKind::ancestral:
    case CommitKind::analytic:
      break;
  }
  throw std::logic_error("a commit rule that chooses no candidates");
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

std::vector<int> surest_indices(const std::vector<float>& values, double bound, int least) {
  const auto above = std::count_if(values.begin(), values.end(), [&](float value) {
    return value > static_cast<float>(bound);  // the references compare in float32
  });
  return best_indices(values, std::max(static_cast<int>(above), least));
}

}  // namespace unmask
