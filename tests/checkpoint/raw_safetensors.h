// Safetensors files put together by hand, sound or not.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/safetensors.h"

namespace unmask::testing {

/// The eight bytes that a file begins with.
inline std::string length_prefix(std::uint64_t length) {
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(length >> shift & 0xFF);
  return bytes;
}

/// A file with this header and `data_bytes` bytes of data.
inline std::string raw_safetensors(std::string_view header, std::size_t data_bytes) {
  return length_prefix(header.size()) + std::string(header) + std::string(data_bytes, 'd');
}

/// A sound file of f32 tensors: name -> shape.
inline std::string safetensors_of(const std::map<std::string, std::vector<std::int64_t>>& tensors) {
  std::size_t largest = 0;
  std::vector<NamedTensor> named;
  for (const auto& [name, shape] : tensors) {
    std::size_t bytes = 4;
    for (const std::int64_t extent : shape) bytes *= static_cast<std::size_t>(extent);
    largest = std::max(largest, bytes);
    named.push_back({name, DType::f32, shape, {}});
  }
  const std::vector<std::byte> data(largest, std::byte{0});
  for (NamedTensor& tensor : named) {
    std::size_t bytes = 4;
    for (const std::int64_t extent : tensor.shape) bytes *= static_cast<std::size_t>(extent);
    tensor.bytes = std::span(data).first(bytes);
  }
  return serialize_safetensors(named);
}

}  // namespace unmask::testing
