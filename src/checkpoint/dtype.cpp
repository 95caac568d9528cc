#include <algorithm>
#include <array>

#include "checkpoint/safetensors.h"

namespace unmask {
namespace {

struct DTypeInfo {
  DType dtype;
  std::string_view name;
  std::size_t bytes;
};

constexpr std::array<DTypeInfo, 10> kDTypes{{{DType::boolean, "BOOL", 1},
                                             {DType::u8, "U8", 1},
                                             {DType::i8, "I8", 1},
                                             {DType::i16, "I16", 2},
                                             {DType::i32, "I32", 4},
                                             {DType::i64, "I64", 8},
                                             {DType::f16, "F16", 2},
                                             {DType::bf16, "BF16", 2},
                                             {DType::f32, "F32", 4},
                                             {DType::f64, "F64", 8}}};

const DTypeInfo& info(DType dtype) { return kDTypes[static_cast<std::size_t>(dtype)]; }

static_assert([] {
  for (std::size_t i = 0; i < kDTypes.size(); ++i) {
    if (kDTypes[i].dtype != static_cast<DType>(i)) return false;
  }
  return true;
}());

}  // namespace

std::string_view dtype_name(DType dtype) { return info(dtype).name; }

std::size_t dtype_bytes(DType dtype) { return info(dtype).bytes; }

std::optional<DType> dtype_from_name(std::string_view name) {
  const auto* const found = std::find_if(kDTypes.begin(), kDTypes.end(),
                                         [name](const auto& entry) { return entry.name == name; });
  if (found == kDTypes.end()) return std::nullopt;
  return found->dtype;
}

}  // namespace unmask
