// One request on its way from masks to text.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <vector>

#include "decode/cache_policy.h"
#include "decode/canvas.h"
#include "decode/noise.h"
#include "decode/rule.h"
#include "model/model.h"
#include "unmask/engine.h"

namespace unmask {

class Sequence {
 public:
  /// Throws Error{usage} for ids that the model does not have and options that do not fit.
  Sequence(std::size_t index, const GenerationRequest& request, const Model& model,
           std::unique_ptr<Noise> noise);

  /// What the network is asked next: nothing when the sequence is finished, else one request, or
  /// two with guidance. Valid until advance(). Steps that need no forward pass are made first.
  std::vector<Request> requests(Events* events);

  /// Takes the logits of those requests, in their order, and carries out the step.
  void advance(std::span<const at::Tensor> logits, Events* events);

  Generation result() const;

 private:
  /// The tokens that the pass sees, and which of them it computes.
  Request make_request();

  /// Makes the step, with the logits of the rows wanted.
  void carry_out(const at::Tensor& logits, Events* events);

  /// Masks in the second pass of guidance what was given, but for the ids that it keeps.
  std::span<const int> unguided_ids(int size);

  void report(const Edit& edit, const std::vector<bool>& was_open, Events& events) const;

  /// Whether an end token stands for good with nothing open to its left.
  bool ended() const;

  /// Whether all that was asked for is written for good; a block that is written whole may go on.
  bool is_complete() const;

  void finish();

  std::size_t index_;
  DecodeOptions options_;
  Attention attention_;
  bool logit_shift_;
  Canvas canvas_;
  std::vector<int> unguided_ids_;
  std::vector<bool> hidden_;  // what guidance's second pass does not see
  std::unique_ptr<Noise> noise_;
  std::unique_ptr<Rule> rule_;
  std::unique_ptr<CachePolicy> cache_policy_;  // null: nothing is cached
  std::unique_ptr<KeyValueCache> cache_, unguided_cache_;
  Wants wants_;
  int forwards_ = 0;
  bool stopped_ = false;
};

}  // namespace unmask
