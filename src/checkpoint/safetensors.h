// One .safetensors file: its header checked at least as strictly as the format's description asks,
// its data mapped and left in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace unmask {

enum class DType { boolean, u8, i8, i16, i32, i64, f16, bf16, f32, f64 };

std::string_view dtype_name(DType dtype);  ///< as the format spells it: "BF16"
std::size_t dtype_bytes(DType dtype);

/// A tensor where it lies in a mapped file. Valid as long as the file object lives.
struct TensorView {
  DType dtype;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

class SafetensorsFile {
 public:
  /// Throws Error{checkpoint} that says what is wrong with the file.
  explicit SafetensorsFile(const std::filesystem::path& path);

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

/// The bytes of a .safetensors file that holds `tensors`.
std::string serialize_safetensors(std::span<const NamedTensor> tensors);

}  // namespace unmask
