// Whether a checkpoint's weights are what its configuration promises.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "family/family.h"

namespace unmask {

struct Checkup {
  std::uint64_t parameters = 0;  ///< values of all tensors but buffers; 0 for an exported module
  std::uint64_t active_parameters = 0;  ///< without the experts that a token does not use
  std::uint64_t stored_bytes = 0;
  std::size_t tensors = 0;
  std::map<std::string, std::size_t> tensors_by_dtype;
  std::vector<std::string> unused;         ///< tensors that the model does not need
  std::optional<std::int64_t> non_finite;  ///< NaN and infinite values, where they were counted
  std::vector<std::string> problems;       ///< empty: sound
};

/// Opens the weights and compares them with what the model needs. What is wrong with them is
/// reported in `problems`, not thrown. `count_values` reads every value.
Checkup check_weights(const Checkpoint& checkpoint, const ModelFacts& facts, bool count_values);

/// How many of a tensor's values are NaN or infinite.
std::int64_t count_non_finite(const TensorView& tensor);

}  // namespace unmask
