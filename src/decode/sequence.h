// One request on its way from masks to text.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <vector>

#include "base/range.h"
#include "decode/guidance.h"
#include "decode/last_pass.h"
#include "decode/limits.h"
#include "decode/shadow.h"
#include "decode/token_mask.h"
#include "decode/torch_distributions.h"
#include "model/model.h"
#include "rules/cache/cache.h"
#include "rules/canvas.h"
#include "rules/noise.h"
#include "rules/rule.h"
#include "unmask/engine.h"

namespace unmask {

/// Stays where it is: its requests point into it.
class Sequence {
 public:
  /// Throws Error{usage} for ids that the model does not have and options that do not fit.
  Sequence(std::size_t index, const GenerationRequest& request, const Model& model,
           std::unique_ptr<Noise> noise);
  Sequence(const Sequence&) = delete;
  Sequence& operator=(const Sequence&) = delete;

  /// Makes the steps that need no forward pass, and says what the network is asked in the one that
  /// does: nothing when the sequence is finished, else one request, or one for each draft; with
  /// guidance as many again. Valid until advance().
  std::vector<Request> next_requests(Events* events);

  /// Takes the logits of those requests, in their order, and carries out the step.
  void advance(std::span<const at::Tensor> logits, Events* events);

  Generation result() const;

 private:
  /// Whether the step wants something of the network.
  bool needs_pass() const;

  // What the network is asked: one request, or one for each draft.
  std::vector<Request> make_requests();
  Request make_request();   ///< the tokens that the pass sees, and which of them it computes
  Request make_shadowed();  ///< the same with shadow rows

  /// The positions that the rows of those requests are about.
  std::vector<int> asked_positions() const;

  /// Makes the step of the rule.
  void carry_out(const Distributions& said, Events* events);

  /// Carries out an edit, with what there is to say about it.
  void apply(const Edit& edit, Events* events);
  void report(const Edit& edit, const std::vector<bool>& was_open, Events& events) const;

  /// Whether all that is open can be written now.
  bool has_converged(const TorchDistributions& said) const;

  /// The rows that the rule wanted, of those of `asked_`.
  std::vector<int> wanted_rows() const;

  /// Positions before this one will not change any more.
  int final_before() const;

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
  TokenMask token_mask_;
  ShadowedCanvas shadowed_;
  std::unique_ptr<Noise> noise_;
  std::unique_ptr<Rule> rule_;
  std::unique_ptr<CachePolicy> cache_policy_;  // null: nothing is cached
  std::unique_ptr<KeyValueCache> cache_;
  Guidance guidance_;
  LastPass last_pass_;
  Wants wants_;
  std::vector<int> asked_;  // the rows wanted, and where it may converge all open ones
  int steps_taken_ = 0;     // as the reference counts
  bool stopped_ = false;
};

}  // namespace unmask
