// One request on its way from masks to text.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/range.h"
#include "decode/cache_policy.h"
#include "decode/canvas.h"
#include "decode/limits.h"
#include "decode/noise.h"
#include "decode/rule.h"
#include "decode/shadow.h"
#include "model/model.h"
#include "unmask/engine.h"

namespace unmask {

class Sequence {
 public:
  /// Throws Error{usage} for ids that the model does not have and options that do not fit.
  Sequence(std::size_t index, const GenerationRequest& request, const Model& model,
           std::unique_ptr<Noise> noise);

  /// What the network is asked next: nothing when the sequence is finished, else one request, or
  /// one for each draft; with guidance as many again. Valid until advance(). Steps that need no
  /// forward pass are made first.
  std::vector<Request> requests(Events* events);

  /// Takes the logits of those requests, in their order, and carries out the step.
  void advance(std::span<const at::Tensor> logits, Events* events);

  Generation result() const;

 private:
  /// Whether the step wants something of the network.
  bool needs_pass() const;

  /// One request, or one for each draft.
  std::vector<Request> make_requests();

  /// The tokens that the pass sees, and which of them it computes.
  Request make_request();

  /// The same with shadow rows.
  Request make_shadowed();

  /// Those requests, and each once more for the second pass of guidance.
  std::vector<Request> with_unguided(std::vector<Request> requests);

  /// Makes the step, with the logits of the rows wanted.
  void carry_out(const at::Tensor& logits, Events* events);

  /// Masks in the second pass of guidance what was given, but for the ids that it keeps.
  std::vector<int> unguided(std::span<const int> ids) const;

  void report(const Edit& edit, const std::vector<bool>& was_open, Events& events) const;

  /// Carries out an edit, with what there is to say about it.
  void apply(const Edit& edit, Events* events);

  /// Whether all that is open can be written now, by the logits of `asked_`.
  bool has_converged(const at::Tensor& logits) const;

  /// The rows that the rule wanted, of those of `asked_`.
  at::Tensor wanted(const at::Tensor& logits) const;

  /// Makes the pass that is wanted next one over all that is open up to the block's end.
  void want_everything_open();

  /// What the last pass writes: what the rule would, where that is all there is to do, and then it
  /// is no early end; else the best token for every open row.
  Edit last_edit(const at::Tensor& logits);

  /// The best token for every open position of `rows`.
  Edit fill(const std::vector<int>& rows, const at::Tensor& logits);

  /// Positions before this one will not change any more.
  int settled() const;

  /// Whether an end token stands for good with nothing open to its left.
  bool ended() const;

  /// Whether all that was asked for is written for good; a block that is written whole may go on.
  bool is_complete() const;

  void finish();

  std::size_t index_;
  DecodeOptions options_;
  Limits limits_;
  Attention attention_;
  bool logit_shift_;
  Canvas canvas_;
  std::vector<Range> holes_;  // of the request
  Vocabulary vocabulary_;
  std::vector<std::vector<int>> unguided_ids_;  // of each request
  ShadowedCanvas shadowed_;
  std::vector<bool> hidden_;  // what guidance's second pass does not see
  std::unique_ptr<Noise> noise_;
  std::unique_ptr<Rule> rule_;
  std::unique_ptr<CachePolicy> cache_policy_;  // null: nothing is cached
  std::unique_ptr<KeyValueCache> cache_, unguided_cache_;
  Wants wants_;
  std::vector<int> asked_;           // the rows wanted, and where it may converge all open ones
  bool rows_are_the_rules_ = false;  // of the last pass
  std::optional<Finish> last_pass_;  // the pass under way is the last one, for this reason
  bool stopped_ = false;
};

}  // namespace unmask
