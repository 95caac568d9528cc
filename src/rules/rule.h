// A decoding rule: what it wants to know of the network, and what it then does to the canvas.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/range.h"
#include "rules/canvas.h"
#include "rules/distributions.h"
#include "rules/noise.h"
#include "unmask/options.h"

namespace unmask {

/// A canvas that may come next.
struct Draft {
  std::vector<int> ids;   ///< as far as it can be seen
  std::vector<int> rows;  ///< positions to be predicted, ascending

  bool operator==(const Draft&) const = default;
};

/// What the next denoising step needs.
struct Wants {
  /// Positions to be predicted, ascending. Under a logit shift the canvas's size is one of the
  /// possible ones: the token that would come next. None: the step is made without a forward pass,
  /// of what the rule knows already.
  std::vector<int> rows;
  int step = 0;       ///< as the reference counts, from 0
  int block = 0;      ///< index of the block worked on
  Range block_range;  ///< its positions. Under block attention those before it are final.
  Range focus;        ///< the part of it that is worked on; the same where there are no sub-blocks
  Needs needs = {};   ///< what is asked of the distributions
  double noise_level = 0;  ///< sigma, for the networks that are told it
  /// Canvases that are computed side by side in one pass, instead of the one there is with `rows`.
  std::vector<Draft> drafts = {};
  /// Positions whose token is to be judged: each gets one more row, a mask at that position, which
  /// sees everything but the token there. Nothing else sees these rows. With full attention only.
  std::vector<int> shadow = {};
};

/// Made per request; may keep state between steps.
class Rule {
 public:
  virtual ~Rule() = default;

  /// An upper bound of the steps, as the reference counts them.
  virtual int bound() const = 0;

  /// Goes on to the next step that can change something: those that cannot are passed over.
  /// Nothing when the rule is done.
  virtual std::optional<Wants> next(const Canvas& canvas) = 0;

  /// Makes the step that next() spoke of. `said` has the rows it wanted.
  virtual Edit step(const Canvas& canvas, const Distributions& said, Noise& noise) = 0;

  /// A copy that goes on from here by itself, where the rule can be drafted with; else nullptr.
  virtual std::unique_ptr<Rule> clone() const { return nullptr; }

  /// Settled positions before this one will not change any more. Rules that revise say less than
  /// the whole canvas.
  virtual int final_before(const Canvas& canvas) const { return canvas.size(); }
};

/// The rule of the options, which fit each other. Throws Error{usage} where they do not fit the
/// canvas.
std::unique_ptr<Rule> make_rule(const DecodeOptions& options, const Canvas& canvas);

/// Order x schedule x commit, block by block (LLaDA, Dream, LLaDA2.0, SDAR, dllm, RND1, SMDM).
std::unique_ptr<Rule> make_block_rule(const DecodeOptions& options, const Canvas& canvas);
/// Fast-dLLM v2: blocks in sub-blocks; the first token of a block is the last one's prediction.
std::unique_ptr<Rule> make_sub_block_rule(const DecodeOptions& options, const Canvas& canvas);

}  // namespace unmask
