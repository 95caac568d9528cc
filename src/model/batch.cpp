#include "model/batch.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "base/range.h"

namespace unmask {
namespace {

void check(const Request& request, const std::vector<int>& computed) {
  const int size = static_cast<int>(request.ids.size());
  const auto count = std::ssize(computed);
  const bool ascends = std::adjacent_find(computed.begin(), computed.end(),
                                          std::greater_equal<>()) == computed.end();
  const bool in_range = count > 0 && ascends && computed.front() >= 0 && computed.back() < size;
  const bool has_positions = request.positions.empty() || std::ssize(request.positions) == size;
  const bool has_place = request.cache == nullptr || request.cache->capacity() >= size;
  const bool has_shape =
      !request.visible || request.visible->sizes() == at::IntArrayRef({count, size});
  if (!in_range || (request.cache == nullptr && count != size) || !has_positions || !has_place ||
      !has_shape) {
    throw std::logic_error("a request for the network that does not fit itself");
  }
}

/// Which keys the computed rows see: nothing where they see all of them, for attention is faster
/// without a mask.
std::optional<at::Tensor> visible(const Request& request, const std::vector<int>& computed,
                                  int keys_begin, const Place& place) {
  if (request.visible) return request.visible->to(place.device);
  const int block = request.attention.block, offset = request.attention.offset;
  const int size = static_cast<int>(request.ids.size());
  if (block == 0 || (computed.front() + offset) / block == (size - 1 + offset) / block) {
    return std::nullopt;
  }
  const auto blocks = [&](const at::Tensor& indices) {
    return at::div(indices + offset, block, "floor");
  };
  const at::Tensor keys = blocks(at::arange(keys_begin, size, place.indices()));
  const at::Tensor queries = blocks(at::tensor(computed, place.indices()));
  return keys.unsqueeze(0).le(queries.unsqueeze(1));
}

}  // namespace

std::vector<int> computed_indices(const Request& request) {
  if (!request.compute.empty()) return request.compute;
  return indices({0, static_cast<int>(request.ids.size())});
}

Batch make_batch(std::span<const Request> requests, const Place& place) {
  std::vector<std::int64_t> ids, positions;
  Batch batch;
  for (const Request& request : requests) {
    const std::vector<int> computed = computed_indices(request);
    check(request, computed);
    const auto begin = static_cast<std::int64_t>(ids.size());
    for (const int i : computed) {
      ids.push_back(request.ids[i]);
      positions.push_back(request.positions.empty() ? i : request.positions[i]);
    }
    const int size = static_cast<int>(request.ids.size());
    const int window = request.visible ? 0 : request.attention.window;
    const int keys_begin = window > 0 ? std::max(0, size - window) : 0;
    const auto count = std::ssize(computed);
    const bool in_a_row = computed.back() - computed.front() + 1 == count;
    batch.sequences.push_back(
        {.begin = begin,
         .end = begin + count,
         .first = computed.front(),
         .indices = in_a_row ? at::Tensor() : at::tensor(computed, place.indices()),
         .keys_begin = keys_begin,
         .keys_end = size,
         .mask = visible(request, computed, keys_begin, place),
         .cache = request.cache});
    batch.noise_levels.push_back(request.noise_level);
  }
  batch.ids = at::tensor(ids, place.indices());
  batch.positions = at::tensor(positions, place.indices());
  return batch;
}

}  // namespace unmask
