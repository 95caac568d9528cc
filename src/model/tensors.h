// Weights as tensors: in place in the mapped file where dtype and layout allow, converted else.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>

#include "checkpoint/checkpoint.h"
#include "model/matrix.h"
#include "model/place.h"

namespace unmask {

/// Hands out a checkpoint's tensors at the place where the network is computed.
class TensorSource {
 public:
  TensorSource(std::shared_ptr<const Checkpoint> checkpoint, Place place);

  /// The tensor of that name. It shares the mapping, and keeps the checkpoint alive, when the file
  /// has it in the computing type and aligned; else it is a converted copy.
  at::Tensor get(const std::string& name) const;

  /// The same as a matrix, in the form that suits the place. A lazy one is read when it is first
  /// used; that it is there and can be read is seen at once.
  std::shared_ptr<const Matrix> matrix(const std::string& name) const;
  std::shared_ptr<const Matrix> lazy_matrix(const std::string& name) const;

  const Place& place() const { return place_; }

  /// For what is computed in float32 whatever the computing type is.
  TensorSource wide() const { return {checkpoint_, {place_.device, kWideType}}; }

 private:
  at::Tensor stored(const std::string& name) const;

  std::shared_ptr<const Checkpoint> checkpoint_;
  Place place_;
};

}  // namespace unmask
