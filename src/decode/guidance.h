// Classifier-free guidance: every pass is made twice, once without what was given.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <vector>

#include "model/model.h"
#include "rules/canvas.h"
#include "unmask/options.h"

namespace unmask {

/// Of one sequence. Does nothing at scale 0.
class Guidance {
 public:
  /// `cached`: the sequence has a cache, and the second pass gets one of its own.
  Guidance(const DecodeOptions& options, const Canvas& canvas, const Model& model, bool cached);

  /// Those requests, and each once more with what was given masked, but for the ids that are kept.
  /// Valid until the next call.
  std::vector<Request> doubled(std::vector<Request> requests);

  /// The guided logits of all rows, one request behind the other: [rows, head rows]. `logits` are
  /// the answers to doubled(), in its order.
  at::Tensor combined(std::span<const at::Tensor> logits) const;

  /// Gives the cache back.
  void finish() { cache_.reset(); }

 private:
  std::vector<int> without_given(std::span<const int> ids) const;

  double scale_;
  int mask_id_;
  std::vector<bool> hidden_;           // what the second pass does not see
  std::vector<std::vector<int>> ids_;  // of each request's second pass
  std::unique_ptr<KeyValueCache> cache_;
};

}  // namespace unmask
