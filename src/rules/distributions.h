// What the network says of the rows that a step asked for. A rule sees this and no tensor: only
// small numbers leave the device that computed it, and rules are built and tested without libtorch.
#pragma once

#include <memory>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "rules/canvas.h"
#include "rules/noise.h"
#include "rules/sampling.h"

namespace unmask {

/// What a step may write where. Index i of everything belongs to positions[i].
struct Prediction {
  std::vector<int> positions;
  std::vector<int> tokens;
  std::vector<float> confidence;  ///< probability of tokens[i]
  std::vector<float> rank;        ///< larger is committed earlier
  std::vector<float> entropy;  ///< of the distribution, in nats, where the step said it needs them
};

/// What is written where those indices of a prediction are chosen.
inline std::vector<Write> writes_of(const Prediction& prediction, std::span<const int> chosen) {
  std::vector<Write> writes;
  for (const int i : chosen) {
    writes.push_back({prediction.positions[i], prediction.tokens[i], prediction.confidence[i]});
  }
  return writes;
}

/// What is written where all of a prediction is.
inline std::vector<Write> writes_of(const Prediction& prediction) {
  std::vector<int> all(prediction.positions.size());
  std::iota(all.begin(), all.end(), 0);
  return writes_of(prediction, all);
}

/// What is to be known of the distributions besides their best tokens.
struct Needs {
  bool entropy = false;     ///< Prediction::entropy
  bool divergence = false;  ///< Distributions::divergence

  bool operator==(const Needs&) const = default;
};

/// A token at a row.
struct RowToken {
  int row, token;
};

/// A row, and the one of an earlier step that it is compared with.
struct RowPair {
  int row, before;
};

/// What is added to the logit of a token.
struct Bonus {
  int row, token;
  float logit;
};

/// What the network takes the clean text to be: MDLM's parameterisation, in which what cannot be
/// written has no probability.
class CleanText {
 public:
  virtual ~CleanText() = default;

  /// At each position draws token v with weight reveal * p(v), or leaves it open with weight
  /// `stay`. `step` keys the noise.
  virtual std::vector<Write> draw(double reveal, double stay, int step, Noise& noise) const = 0;

  /// The most probable token at each position.
  virtual std::vector<Write> most_probable() const = 0;
};

/// A distribution over the ids of the head for each row, as the network gave it. Ids that are ruled
/// out are never chosen.
class Distributions {
 public:
  explicit Distributions(std::vector<int> positions) : positions_(std::move(positions)) {}
  virtual ~Distributions() = default;

  /// The position that each row predicts, in the order of the rows: those wanted, or those of each
  /// draft, and then the shadow rows. None: the step is made without a forward pass.
  const std::vector<int>& positions() const { return positions_; }

  /// A token for every row, and how sure the network is of it. `step` keys the noise.
  virtual Prediction predict(const Sampling& sampling, int step, Noise& noise) const = 0;

  /// The most probable id of each row, whether it may be written or not.
  virtual std::vector<RowToken> best() const = 0;

  /// Probability of each of these tokens under the network's own distribution.
  virtual std::vector<float> probability(std::span<const RowToken> tokens) const = 0;

  /// KL(row || before) of the network's own distributions, in nats. `before` is of the same kind,
  /// and both steps said that they need it.
  virtual std::vector<double> divergence(const Distributions& before,
                                         std::span<const RowPair> pairs) const = 0;

  /// The same with something added to some logits.
  virtual std::shared_ptr<const Distributions> with(std::span<const Bonus> bonuses) const = 0;

  /// Some of the rows, by their indices, ascending; they outlive the step.
  virtual std::shared_ptr<const Distributions> select(std::span<const int> rows) const = 0;

  /// What is drawn from by the reverse process: over the temperature and cut to the nucleus; at
  /// temperature 0 only the most probable token is ever drawn.
  virtual std::shared_ptr<const CleanText> clean(const Sampling& sampling) const = 0;

 private:
  std::vector<int> positions_;
};

}  // namespace unmask
