// Mixture of experts: each token goes through the few feed-forward networks that a router chooses.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "family/model_spec.h"
#include "model/layers.h"
#include "model/matrix.h"

namespace unmask {

/// Which experts a batch's tokens go to, and with which weights.
struct Routing {
  at::Tensor experts;  // int64 [tokens, per_token]
  at::Tensor weights;  // float32 [tokens, per_token]
};

/// The routing rules of `spec` for router scores [tokens, experts], float32. `bias` [experts] where
/// the spec has one.
Routing route(const ExpertsSpec& spec, const at::Tensor& scores,
              const std::optional<at::Tensor>& bias);

/// One expert. Its weights stay in the mapped file until a token needs them.
class Expert {
 public:
  Expert(const TensorSource& source, const std::string& prefix, const LayerNames& names);

  at::Tensor operator()(const at::Tensor& x) const;  // [tokens, hidden]

 private:
  std::shared_ptr<const Matrix> gate_, up_, down_;
};

class Experts {
 public:
  Experts(const TensorSource& source, const ModelSpec& spec, int layer);

  /// Tokens are grouped by expert: three matrix products for each expert that any token goes to.
  at::Tensor operator()(const at::Tensor& x) const;  // [tokens, hidden]

 private:
  ExpertsSpec spec_;
  std::shared_ptr<const Matrix> router_;  // float32 [experts, hidden]
  std::optional<at::Tensor> bias_;        // float32 [experts]
  std::vector<Expert> experts_;
  std::optional<GatedMlp> shared_;
};

}  // namespace unmask
