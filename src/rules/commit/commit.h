// Which of the candidates of a step are committed.
#pragma once

#include <memory>
#include <vector>

#include "rules/distributions.h"
#include "rules/noise.h"
#include "rules/schedule/schedule.h"
#include "unmask/options.h"

namespace unmask {

class CommitRule {
 public:
  virtual ~CommitRule() = default;

  /// Whether a step can be left out, with its forward pass, because it would commit nothing
  /// whatever the network says.
  virtual bool is_idle(const Schedule& schedule, const StepInBlock& at) const = 0;

  /// What its steps have to know of the distributions.
  virtual Needs needs() const { return {}; }

  /// Called with what the network says before tokens are predicted. Returns what to predict from,
  /// where that is something else.
  virtual std::shared_ptr<const Distributions> look(const Distributions& /*said*/) {
    return nullptr;
  }

  /// Indices into the prediction that are committed now. `step` keys the noise.
  virtual std::vector<int> choose(const Prediction& prediction, const Schedule& schedule,
                                  const StepInBlock& at, int step, Noise& noise) = 0;
};

/// Of the commit rules that choose among candidates; the others belong to the ancestral rule.
std::unique_ptr<CommitRule> make_commit_rule(const DecodeOptions& options);

// One file each.
std::unique_ptr<CommitRule> make_quota_commit(double order_temperature);
std::unique_ptr<CommitRule> make_threshold_commit(double bound, int floor, bool at_bound);
std::unique_ptr<CommitRule> make_factor_commit(double factor, bool take_last);
std::unique_ptr<CommitRule> make_carry_commit(double bound);
std::unique_ptr<CommitRule> make_klass_commit(double bound, double divergence);
std::unique_ptr<CommitRule> make_credit_commit(double bound);
std::unique_ptr<CommitRule> make_hierarchy_commit(double high, double low);
std::unique_ptr<CommitRule> make_entropy_sum_commit(double bound);
std::unique_ptr<CommitRule> make_entropy_bound_commit(double bound);
std::unique_ptr<CommitRule> make_binomial_commit();
std::unique_ptr<CommitRule> make_bernoulli_commit();

/// The `count` indices with the largest values; equal ones by ascending index. Ascending result.
std::vector<int> best_indices(const std::vector<float>& values, int count);

/// The indices of all values above `bound`, and at least the `least` largest. Ascending result.
std::vector<int> surest_indices(const std::vector<float>& values, double bound, int least);

}  // namespace unmask
