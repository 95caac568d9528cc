// The one transformer: nearly every family is this with other numbers and names.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <variant>
#include <vector>

#include "family/model_spec.h"
#include "model/attention.h"
#include "model/experts.h"
#include "model/layers.h"
#include "model/matrix.h"
#include "model/network.h"
#include "model/tensors.h"

namespace unmask {

class Transformer : public Network {
 public:
  Transformer(const ModelSpec& spec, const TensorSource& source);

  at::Tensor hidden(const Batch& batch, std::vector<at::Tensor>* layers) const override;
  at::Tensor logits(const at::Tensor& rows) const override;

 private:
  struct Layer {
    RmsNorm attention_norm;
    SelfAttention attention;
    RmsNorm mlp_norm;
    std::variant<GatedMlp, Experts> mlp;
  };
  static Layer make_layer(const ModelSpec& spec, const TensorSource& source, int index);

  ModelSpec spec_;
  std::shared_ptr<const Matrix> embedding_;  // [vocab rows, hidden]
  std::vector<Layer> layers_;
  RmsNorm final_norm_;
  Linear head_;
};

}  // namespace unmask
