// Weights as tensors: in place in the mapped file where dtype and layout allow, converted else.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>

#include "checkpoint/checkpoint.h"

namespace unmask {

/// A tensor in the mapped file that is converted, if it must be, when it is first used, so that
/// what is never used costs neither time nor memory.
class LazyTensor {
 public:
  LazyTensor(at::Tensor stored, at::ScalarType dtype);

  const at::Tensor& get() const;

 private:
  mutable at::Tensor tensor_;
  at::ScalarType dtype_;
};

/// Hands out a checkpoint's tensors in the type the network is computed in.
class TensorSource {
 public:
  TensorSource(std::shared_ptr<const Checkpoint> checkpoint, at::ScalarType dtype);

  /// The tensor of that name. It shares the mapping, and keeps the checkpoint alive, when the file
  /// has it in the computing type and aligned; else it is a converted copy.
  at::Tensor get(const std::string& name) const { return get(name, dtype_); }
  at::Tensor get(const std::string& name, at::ScalarType dtype) const;
  LazyTensor lazy(const std::string& name) const;

  at::ScalarType dtype() const { return dtype_; }

 private:
  at::Tensor stored(const std::string& name) const;

  std::shared_ptr<const Checkpoint> checkpoint_;
  at::ScalarType dtype_;
};

}  // namespace unmask
