// Which of the candidates of a step are committed.
#pragma once

#include <memory>
#include <vector>

#include "rules/cards.h"
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

  /// Called with what the network says before tokens are predicted. Returns what to predict from,
  /// where that is something else.
  virtual std::shared_ptr<const Distributions> look(const Distributions& /*said*/) {
    return nullptr;
  }

  /// Indices into the prediction that are committed now. `step` keys the noise.
  virtual std::vector<int> choose(const Prediction& prediction, const Schedule& schedule,
                                  const StepInBlock& at, int step, Noise& noise) = 0;
};

/// For a card: of a rule that is made of nothing.
template <typename Rule>
std::unique_ptr<CommitRule> make_commit(Values, const DecodeOptions&) {
  return std::make_unique<Rule>();
}

/// Of a rule that is made of its first value.
template <typename Rule>
std::unique_ptr<CommitRule> make_commit_of_one(Values values, const DecodeOptions&) {
  return std::make_unique<Rule>(values[0]);
}

/// The `count` indices with the largest values; equal ones by ascending index. Ascending result.
std::vector<int> best_indices(const std::vector<float>& values, int count);

/// The indices of all values above `bound`, and at least the `least` largest. Ascending result.
std::vector<int> surest_indices(const std::vector<float>& values, double bound, int least);

}  // namespace unmask
