#include "model/key_value_cache.h"

#include <ATen/ATen.h>

namespace unmask {

KeyValueCache::KeyValueCache(const ModelSpec& spec, int capacity, const Place& place)
    : capacity_(capacity) {
  const auto make = [&] {
    return at::empty({spec.kv_heads, capacity, spec.head_dim}, place.numbers());
  };
  for (int i = 0; i < spec.layers; ++i) layers_.push_back({make(), make()});
}

}  // namespace unmask
