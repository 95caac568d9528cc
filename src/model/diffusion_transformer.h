// The diffusion transformer of MDLM and BD3-LM: each layer is shifted, scaled and gated by an
// embedding of the noise level (adaptive layer norm).
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "family/model_spec.h"
#include "model/attention.h"
#include "model/layers.h"
#include "model/matrix.h"
#include "model/network.h"
#include "model/place.h"
#include "model/tensors.h"

namespace unmask {

/// LayerNorm in float32, weighted, without a bias.
class LayerNorm {
 public:
  LayerNorm(const TensorSource& source, const std::string& name, double eps);

  at::Tensor operator()(const at::Tensor& x) const;  // [tokens, features]

 private:
  at::Tensor weight_;
  double eps_;
};

class DiffusionTransformer : public Network {
 public:
  DiffusionTransformer(const ModelSpec& spec, const TensorSource& source);

  at::Tensor hidden(const Batch& batch, std::vector<at::Tensor>* layers) const override;
  at::Tensor logits(const at::Tensor& rows) const override;

 private:
  /// Shifts, scales and gates for each token, in the reference's order.
  using Modulation = std::vector<at::Tensor>;  // each [tokens, hidden]

  struct Layer {
    std::optional<Linear> modulation;  // none: nothing is modulated
    LayerNorm attention_norm;
    QkvProjection project;
    Linear attention_output;
    LayerNorm mlp_norm;
    Linear mlp_in, mlp_out;
  };
  static Layer make_layer(const ModelSpec& spec, const TensorSource& source, int index);

  /// The noise levels' embedding for each token, [tokens, conditioning].
  at::Tensor conditioning(const Batch& batch) const;
  at::Tensor run_layer(int index, const at::Tensor& x, const at::Tensor& conditioning,
                       const Rotation& rotation, const Batch& batch) const;

  ModelSpec spec_;
  Place place_;
  std::shared_ptr<const Matrix> embedding_;  // [vocab rows, hidden]
  std::optional<Linear> noise_in_, noise_out_;
  std::vector<Layer> layers_;
  std::optional<Linear> final_modulation_;
  LayerNorm final_norm_;
  Linear head_;
};

}  // namespace unmask
