#include "family/model_spec.h"

#include <algorithm>

#include "unmask/error.h"

namespace unmask {

bool has_experts(const ModelSpec& spec, int layer) {
  const std::vector<int>& dense = spec.experts.dense_layers;
  return spec.experts.count > 0 && !std::binary_search(dense.begin(), dense.end(), layer);
}

void check_ids(std::span<const int> ids, const ModelSpec& spec) {
  const auto bad =
      std::find_if(ids.begin(), ids.end(), [&](int id) { return id < 0 || id >= spec.vocab_rows; });
  if (bad == ids.end()) return;
  throw Error(ErrorCode::usage, "token id " + std::to_string(*bad) + " at position " +
                                    std::to_string(bad - ids.begin()) +
                                    " is not one of the model's; it has ids 0 to " +
                                    std::to_string(spec.vocab_rows - 1));
}

std::string numbered(const std::string& pattern, int index) {
  const std::size_t place = pattern.find("{}");
  if (place == std::string::npos) return pattern;
  return std::string(pattern).replace(place, 2, std::to_string(index));
}

}  // namespace unmask
