// Where a network's tensors lie, and the type it is computed in. Layers take both from the tensors
// that they are given.
#pragma once

#include <ATen/core/Tensor.h>

namespace unmask {

/// The type of what is computed in float32 whatever the network's own type is: norms, rotary
/// angles, the noise level's features, routers, sums over experts, logits.
inline constexpr at::ScalarType kWideType = at::kFloat;

inline at::Tensor widened(const at::Tensor& x) { return x.to(kWideType); }

/// Options for a new tensor of wide numbers beside `x`.
inline at::TensorOptions wide_beside(const at::Tensor& x) { return x.options().dtype(kWideType); }

/// Where numbers of a tensor can be looked at one by one.
inline at::Tensor on_host(const at::Tensor& x) { return x.to(at::kCPU); }

struct Place {
  at::Device device = at::kCPU;
  at::ScalarType type = kWideType;

  at::TensorOptions numbers() const { return at::TensorOptions(device).dtype(type); }
  at::TensorOptions wide() const { return at::TensorOptions(device).dtype(kWideType); }
  at::TensorOptions indices() const { return at::TensorOptions(device).dtype(at::kLong); }
};

}  // namespace unmask
