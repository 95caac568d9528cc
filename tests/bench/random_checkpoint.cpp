// Writes random weights for a config.json, so that speed can be measured on any shape:
//   random_checkpoint FOLDER [f32|bf16] [FAMILY]
// FOLDER holds a config.json; model.safetensors is written beside it, with every tensor that the
// family's network needs.
#include <cmath>
#include <cstring>
#include <iostream>
#include <random>
#include <string>

#include "base/file.h"
#include "checkpoint/safetensors.h"
#include "family/family.h"

namespace unmask {
namespace {

/// The upper half of a float32: bfloat16, rounded towards zero.
std::uint16_t bfloat16(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return static_cast<std::uint16_t>(bits >> 16);
}

/// Norm weights near 1, matrices small enough that the residual stream stays finite.
std::vector<std::byte> random_values(const TensorSpec& tensor, bool wide,
                                     std::minstd_rand& random) {
  std::int64_t count = 1;
  for (const std::int64_t size : tensor.shape) count *= size;
  const float width = 1 / std::sqrt(static_cast<float>(tensor.shape.back()));
  const float middle = tensor.shape.size() == 1 ? 1 : 0;
  std::uniform_real_distribution<float> value(middle - width, middle + width);
  std::vector<std::byte> bytes(count * (wide ? 4 : 2));
  for (std::int64_t i = 0; i < count; ++i) {
    const float drawn = value(random);
    const std::uint16_t half = bfloat16(drawn);
    if (wide) std::memcpy(&bytes[4 * i], &drawn, 4);
    if (!wide) std::memcpy(&bytes[2 * i], &half, 2);
  }
  return bytes;
}

void write_weights(const std::filesystem::path& folder, bool wide, const std::string& family) {
  const ModelFacts facts = read_facts(*Checkpoint::open(folder), family);
  std::minstd_rand random(1);
  std::vector<std::vector<std::byte>> values;
  std::vector<NamedTensor> tensors;
  for (const TensorSpec& tensor : needed_tensors(facts.spec)) {
    if (!tensor.copy_of.empty()) continue;
    values.push_back(random_values(tensor, wide, random));
    tensors.push_back({tensor.name, wide ? DType::f32 : DType::bf16, tensor.shape, values.back()});
  }
  write_file_atomically(folder / "model.safetensors", serialize_safetensors(tensors));
}

}  // namespace
}  // namespace unmask

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words.size() > 3) {
    std::cerr << "usage: random_checkpoint FOLDER [f32|bf16] [FAMILY]\n";
    return 2;
  }
  try {
    unmask::write_weights(words[0], words.size() < 2 || words[1] == "f32",
                          words.size() < 3 ? "" : words[2]);
  } catch (const unmask::Error& error) {
    std::cerr << error.what() << '\n';
    return static_cast<int>(error.code());
  }
  return 0;
}
