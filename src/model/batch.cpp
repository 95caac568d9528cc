#include "model/batch.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>

namespace unmask {
namespace {

void check(const Request& request) {
  const Range range = computed(request);
  const int size = static_cast<int>(request.ids.size());
  const bool in_range = range.begin >= 0 && range.begin < range.end && range.end <= size;
  const bool whole = range.begin == 0 && range.end == size;
  const bool has_positions = request.positions.empty() || std::ssize(request.positions) == size;
  const bool has_place = request.cache == nullptr || request.cache->capacity() >= size;
  const bool has_shape =
      !request.visible || request.visible->sizes() == at::IntArrayRef({range.size(), size});
  if (!in_range || (request.cache == nullptr && !whole) || !has_positions || !has_place ||
      !has_shape) {
    throw std::logic_error("a request for the network that does not fit itself");
  }
}

/// Which keys the computed rows see: nothing where they see all of them, for attention is faster
/// without a mask.
std::optional<at::Tensor> visible(const Request& request, int keys_begin) {
  if (request.visible) return request.visible;
  const auto [block, offset, window] = request.attention;
  const Range rows = computed(request);
  const int size = static_cast<int>(request.ids.size());
  if (block == 0 || (rows.begin + offset) / block == (size - 1 + offset) / block) {
    return std::nullopt;
  }
  const auto blocks = [&](int begin, int end) {
    return at::div(at::arange(begin, end, at::kLong) + offset, block, "floor");
  };
  const at::Tensor keys = blocks(keys_begin, size), queries = blocks(rows.begin, rows.end);
  return keys.unsqueeze(0).le(queries.unsqueeze(1));
}

}  // namespace

Range computed(const Request& request) {
  if (request.compute.size() > 0) return request.compute;
  return {0, static_cast<int>(request.ids.size())};
}

Batch make_batch(std::span<const Request> requests) {
  std::vector<std::int64_t> ids, positions;
  Batch batch;
  for (const Request& request : requests) {
    check(request);
    const Range rows = computed(request);
    const auto begin = static_cast<std::int64_t>(ids.size());
    for (int i = rows.begin; i < rows.end; ++i) {
      ids.push_back(request.ids[i]);
      positions.push_back(request.positions.empty() ? i : request.positions[i]);
    }
    const int size = static_cast<int>(request.ids.size());
    const int window = request.visible ? 0 : request.attention.window;
    const int keys_begin = window > 0 ? std::max(0, size - window) : 0;
    batch.sequences.push_back({.begin = begin,
                               .end = begin + rows.size(),
                               .first = rows.begin,
                               .keys_begin = keys_begin,
                               .keys_end = size,
                               .mask = visible(request, keys_begin),
                               .cache = request.cache});
    batch.noise_levels.push_back(request.noise_level);
  }
  batch.ids = at::tensor(ids, at::kLong);
  batch.positions = at::tensor(positions, at::kLong);
  return batch;
}

}  // namespace unmask
