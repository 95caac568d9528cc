// The one transformer: nearly every family is this with other numbers and names.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "family/model_spec.h"
#include "model/layers.h"
#include "model/tensors.h"

namespace unmask {

/// Sequences side by side, padded to one length.
struct Batch {
  at::Tensor ids;                  // int64 [batch, tokens]
  at::Tensor positions;            // int64 [batch, tokens], 0 where padded
  std::optional<at::Tensor> mask;  // bool, broadcastable to [batch, 1, tokens, tokens]; none: all
};

class Transformer {
 public:
  Transformer(const ModelSpec& spec, const TensorSource& source);

  /// The residual stream after the last layer, [batch, tokens, hidden]. With `layers`, the
  /// embedding and each layer's output are appended to it.
  at::Tensor hidden(const Batch& batch, std::vector<at::Tensor>* layers = nullptr) const;

  /// The final norm of rows of the residual stream, [rows, hidden].
  at::Tensor normalize(const at::Tensor& rows) const;

  /// The head: float32 [rows, vocab rows] for normalised rows [rows, hidden].
  at::Tensor logits(const at::Tensor& normalized) const;

 private:
  struct Layer {
    RmsNorm attention_norm;
    SelfAttention attention;
    RmsNorm mlp_norm;
    GatedMlp mlp;
  };

  ModelSpec spec_;
  at::Tensor embedding_;  // [vocab rows, hidden]
  std::vector<Layer> layers_;
  RmsNorm final_norm_;
  Linear head_;
};

}  // namespace unmask
