// Keys and values of one sequence, kept from one forward pass to the next.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "family/model_spec.h"
#include "model/place.h"

namespace unmask {

/// A place for every position of a sequence, in every layer. A pass writes those that it computes
/// and reads the others; which of them are still right is for the caller to know.
class KeyValueCache {
 public:
  KeyValueCache(const ModelSpec& spec, int capacity, const Place& place);

  struct Layer {
    at::Tensor keys, values;  // [kv_heads, capacity, head_dim], keys after the rotation
  };

  Layer& layer(int index) { return layers_.at(index); }
  int capacity() const { return capacity_; }

 private:
  int capacity_;
  std::vector<Layer> layers_;
};

}  // namespace unmask
