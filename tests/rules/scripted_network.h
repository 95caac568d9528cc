// A network that is a function of ours, and what it says, computed plainly: rules without libtorch.
#pragma once

#include <functional>
#include <vector>

#include "rules/canvas.h"
#include "rules/distributions.h"
#include "rules/rule.h"

namespace unmask::testing {

/// Distributions of given logits. The mask is never chosen; no filters.
class ScriptedDistributions : public Distributions {
 public:
  using Rows = std::vector<std::vector<float>>;

  /// `logits` are [positions, ids].
  ScriptedDistributions(std::vector<int> positions, Rows logits, int mask_id);

  const Rows& logits() const { return logits_; }

  Prediction predict(const Sampling& sampling, int step, Noise& noise) const override;
  std::vector<RowToken> best() const override;
  std::vector<float> probability(std::span<const RowToken> tokens) const override;
  std::vector<double> divergence(const Distributions& before,
                                 std::span<const RowPair> pairs) const override;
  std::shared_ptr<const Distributions> with(std::span<const Bonus> bonuses) const override;
  std::shared_ptr<const Distributions> select(std::span<const int> rows) const override;
  std::shared_ptr<const CleanText> clean(const Sampling& sampling) const override;

 private:
  Rows logits_;
  int mask_id_;
};

/// The token that the network says for a position, and how sure it is.
struct Said {
  int token;
  double probability;
};

/// What is said at a position of the canvas.
using ScriptedNetwork = std::function<Said(const Canvas& canvas, int position)>;

/// What is said of these rows: `token` has the probability said, the other ids below `vocab` share
/// the rest.
ScriptedDistributions said_of(const ScriptedNetwork& network, const Canvas& canvas,
                              const std::vector<int>& rows, int vocab);

/// Nothing: of a step without a pass.
ScriptedDistributions nothing_said();

/// What the rule asked for and did.
struct ScriptedStep {
  Wants wants;
  Edit edit;
  std::vector<int> ids;  ///< the canvas afterwards
};

/// Runs the rule to its end, at most its number of steps; ids are below `vocab`.
std::vector<ScriptedStep> run_scripted(Rule& rule, Canvas& canvas, const ScriptedNetwork& network,
                                       int vocab);

}  // namespace unmask::testing
