#include "model/tensors.h"

#include <ATen/ATen.h>

#include <cstdint>
#include <utility>

namespace unmask {
namespace {

at::ScalarType scalar_type(DType dtype, const std::string& name) {
  switch (dtype) {
    case DType::f16:
      return at::kHalf;
    case DType::bf16:
      return at::kBFloat16;
    case DType::f32:
      return at::kFloat;
    case DType::f64:
      return at::kDouble;
    default:
      throw Error(ErrorCode::checkpoint, "tensor '" + name + "' holds " +
                                             std::string(dtype_name(dtype)) +
                                             " values; weights must be F16, BF16, F32 or F64");
  }
}

}  // namespace

TensorSource::TensorSource(std::shared_ptr<const Weights> weights, at::ScalarType dtype)
    : weights_(std::move(weights)), dtype_(dtype) {}

at::Tensor TensorSource::get(const std::string& name) const {
  const TensorView* view = weights_->find(name);
  if (view == nullptr) throw Error(ErrorCode::checkpoint, "there is no tensor '" + name + "'");
  const at::ScalarType stored = scalar_type(view->dtype, name);
  // The mapping is read-only; nothing in the network writes to a weight.
  auto* data = const_cast<std::byte*>(view->bytes.data());
  const bool aligned = reinterpret_cast<std::uintptr_t>(data) % dtype_bytes(view->dtype) == 0;
  if (!aligned) {
    // The format promises no alignment.
    at::Tensor copy = at::empty(view->shape, stored);
    std::memcpy(copy.data_ptr(), data, view->bytes.size());
    return copy.to(dtype_);
  }
  at::Tensor mapped = at::from_blob(
      data, view->shape, [keep = weights_](void*) {}, at::TensorOptions().dtype(stored));
  return stored == dtype_ ? mapped : mapped.to(dtype_);
}

}  // namespace unmask
