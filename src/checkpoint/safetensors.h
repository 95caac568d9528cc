// One .safetensors file: its header checked at least as strictly as the format's description asks
// (no key twice, no overlap, no hole, no byte left over), its data mapped and left in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace unmask {

enum class DType { boolean, u8, i8, i16, i32, i64, f16, bf16, f32, f64 };

std::string_view dtype_name(DType dtype);  ///< as the format spells it: "BF16"
std::size_t dtype_bytes(DType dtype);
std::optional<DType> dtype_from_name(std::string_view name);

/// A tensor where it lies in a mapped file. Valid as long as the file object lives (moving it is
/// fine). The format does not promise that `bytes` is aligned for the element type: look before a
/// cast.
struct TensorView {
  DType dtype;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

/// What a header may hold at most. Real headers of a thousand tensors stay under 1 MB.
struct SafetensorsLimits {
  static constexpr std::uint64_t kHeaderBytes = 32U << 20;
  static constexpr std::size_t kKeys = 200'000;  ///< JSON keys, four for each tensor
  static constexpr std::size_t kNameBytes = 512;
  static constexpr std::size_t kDepth = 16;
  static constexpr std::size_t kRank = 8;
};

class SafetensorsFile {
 public:
  /// Throws Error{checkpoint} that says what is wrong with the file.
  explicit SafetensorsFile(MappedFile file);
  explicit SafetensorsFile(const std::filesystem::path& path) : SafetensorsFile(MappedFile(path)) {}

  const std::map<std::string, TensorView, std::less<>>& tensors() const { return tensors_; }
  const std::filesystem::path& path() const { return file_.path(); }

 private:
  MappedFile file_;
  std::map<std::string, TensorView, std::less<>> tensors_;
};

/// Tensors to be written: name, dtype, shape, data.
struct NamedTensor {
  std::string name;
  DType dtype;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

/// The bytes of a .safetensors file that holds `tensors`, all of them aligned. Error{failure} when
/// a name comes twice or `bytes` is not as long as shape and dtype say.
std::string serialize_safetensors(std::span<const NamedTensor> tensors);

}  // namespace unmask
