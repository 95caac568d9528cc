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

LazyTensor::LazyTensor(at::Tensor stored, at::ScalarType dtype)
    : tensor_(std::move(stored)), dtype_(dtype) {}

const at::Tensor& LazyTensor::get() const {
  if (tensor_.scalar_type() != dtype_) tensor_ = tensor_.to(dtype_);
  return tensor_;
}

TensorSource::TensorSource(std::shared_ptr<const Checkpoint> checkpoint, at::ScalarType dtype)
    : checkpoint_(std::move(checkpoint)), dtype_(dtype) {}

at::Tensor TensorSource::get(const std::string& name, at::ScalarType dtype) const {
  return stored(name).to(dtype);
}

LazyTensor TensorSource::lazy(const std::string& name) const { return {stored(name), dtype_}; }

/// As the file has it: mapped, or copied where it is not aligned. The format promises no alignment.
at::Tensor TensorSource::stored(const std::string& name) const {
  const TensorView* view = checkpoint_->tensors().find(name);
  if (view == nullptr) throw Error(ErrorCode::checkpoint, "there is no tensor '" + name + "'");
  const at::ScalarType type = scalar_type(view->dtype, name);
  // The mapping is read-only; nothing in the network writes to a weight.
  auto* data = const_cast<std::byte*>(view->bytes.data());
  if (reinterpret_cast<std::uintptr_t>(data) % dtype_bytes(view->dtype) != 0) {
    at::Tensor copy = at::empty(view->shape, type);
    std::memcpy(copy.data_ptr(), data, view->bytes.size());
    return copy;
  }
  return at::from_blob(
      data, view->shape, [keep = checkpoint_](void*) {}, at::TensorOptions().dtype(type));
}

}  // namespace unmask
