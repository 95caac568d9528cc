// One request on its way from masks to text.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <vector>

#include "decode/canvas.h"
#include "decode/noise.h"
#include "decode/rule.h"
#include "model/model.h"
#include "unmask/engine.h"

namespace unmask {

class Sequence {
 public:
  /// Throws Error{usage} for ids that the model does not have.
  Sequence(std::size_t index, const GenerationRequest& request, const ModelFacts& facts,
           std::unique_ptr<Noise> noise);

  /// What the network is asked next: nothing when the sequence is finished, else one request, or
  /// two with guidance. Valid until advance().
  std::vector<Request> requests();

  /// Takes the logits of those requests, in their order, and carries out the step.
  void advance(std::span<const at::Tensor> logits, Events* events);

  Generation result() const;

 private:
  /// Whether an end token stands with nothing open to its left.
  bool ended() const;

  std::size_t index_;
  DecodeOptions options_;
  Attention attention_;
  Canvas canvas_;
  std::vector<int> unguided_ids_;  // the canvas with everything given masked
  std::vector<bool> given_;        // known when decoding began
  std::unique_ptr<Noise> noise_;
  std::unique_ptr<Rule> rule_;
  Wants wants_;
  int forwards_ = 0;
  bool stopped_ = false;
};

}  // namespace unmask
