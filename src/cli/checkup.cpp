#include "cli/checkup.h"

#include <algorithm>
#include <cstring>

#include "base/interrupt.h"
#include "base/utf8.h"
#include "unmask/error.h"

namespace unmask {
namespace {

/// Counts values whose exponent has all bits set, which is what NaN and infinity look like.
template <class Bits>
std::int64_t count_exponents(std::span<const std::byte> bytes, Bits exponent) {
  std::int64_t found = 0;
  for (std::size_t i = 0; i + sizeof(Bits) <= bytes.size(); i += sizeof(Bits)) {
    Bits value;
    std::memcpy(&value, bytes.data() + i, sizeof value);
    found += (value & exponent) == exponent ? 1 : 0;
  }
  return found;
}

/// Parameters of the experts that a token passes by.
std::uint64_t idle_parameters(const ModelSpec& spec) {
  const ExpertsSpec& experts = spec.experts;
  constexpr std::uint64_t kMatrices = 3;
  const auto idle = static_cast<std::uint64_t>(experts.count - experts.per_token);
  const auto each = kMatrices * static_cast<std::uint64_t>(spec.hidden) *
                    static_cast<std::uint64_t>(experts.intermediate);
  std::uint64_t sum = 0;
  for (int layer = 0; layer < spec.layers; ++layer)
    sum += has_experts(spec, layer) ? idle * each : 0;
  return sum;
}

void describe(const TensorStore& weights, const ModelSpec& spec, Checkup& checkup) {
  for (const auto& [name, tensor] : weights.tensors()) {
    ++checkup.tensors;
    ++checkup.tensors_by_dtype[std::string(dtype_name(tensor->dtype))];
    checkup.stored_bytes += tensor->bytes.size();
    if (is_derived_buffer(name)) continue;
    checkup.parameters += tensor->bytes.size() / dtype_bytes(tensor->dtype);
  }
  // A damaged checkpoint may hold less than its config.json says that is idle.
  checkup.active_parameters =
      checkup.parameters - std::min(checkup.parameters, idle_parameters(spec));
}

void describe_module(const Checkpoint& checkpoint, const ModelSpec& spec, Checkup& checkup) {
  checkup.stored_bytes = exported_module(checkpoint, spec).bytes().size();
}

void count_values_of(const TensorStore& weights, Checkup& checkup) {
  std::int64_t total = 0;
  for (const auto& [name, tensor] : weights.tensors()) {
    throw_if_interrupted();
    const std::int64_t found = count_non_finite(*tensor);
    total += found;
    if (found > 0) {
      checkup.problems.push_back("tensor '" + utf8::printable(name) + "' holds " +
                                 std::to_string(found) + " values that are NaN or infinite");
    }
  }
  checkup.non_finite = total;
}

void check_tensors_of(const TensorStore& weights, const ModelSpec& spec, bool count_values,
                      Checkup& checkup) {
  describe(weights, spec, checkup);
  if (count_values) count_values_of(weights, checkup);
  for (std::string& name : check_tensors(weights, needed_tensors(spec))) {
    if (!is_derived_buffer(name)) checkup.unused.push_back(std::move(name));
  }
}

}  // namespace

Checkup check_weights(const Checkpoint& checkpoint, const ModelFacts& facts, bool count_values) {
  Checkup checkup;
  try {
    if (facts.spec.network == NetworkKind::exported) {
      describe_module(checkpoint, facts.spec, checkup);
    } else {
      check_tensors_of(checkpoint.tensors(), facts.spec, count_values, checkup);
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::checkpoint) throw;
    checkup.problems.emplace_back(error.what());
  }
  return checkup;
}

std::int64_t count_non_finite(const TensorView& tensor) {
  switch (tensor.dtype) {
    case DType::f16:
      return count_exponents<std::uint16_t>(tensor.bytes, 0x7C00);
    case DType::bf16:
      return count_exponents<std::uint16_t>(tensor.bytes, 0x7F80);
    case DType::f32:
      return count_exponents<std::uint32_t>(tensor.bytes, 0x7F800000);
    case DType::f64:
      return count_exponents<std::uint64_t>(tensor.bytes, 0x7FF0000000000000);
    default:
      return 0;
  }
}

}  // namespace unmask
