// serialize_safetensors() of safetensors.h.
#include <algorithm>
#include <numeric>

#include "base/json.h"
#include "checkpoint/safetensors.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr std::size_t kAlignment = 8;  // the widest element

void check_size(const NamedTensor& tensor) {
  const std::size_t needed =
      std::accumulate(tensor.shape.begin(), tensor.shape.end(), dtype_bytes(tensor.dtype),
                      [](std::size_t bytes, std::int64_t extent) {
                        return bytes * static_cast<std::size_t>(extent);
                      });
  if (tensor.bytes.size() != needed) {
    throw Error(ErrorCode::failure,
                "tensor '" + tensor.name + "' has " + std::to_string(tensor.bytes.size()) +
                    " bytes, its shape and dtype need " + std::to_string(needed));
  }
}

// Widest elements first, as the reference writer does: then each tensor is aligned.
std::vector<const NamedTensor*> in_file_order(std::span<const NamedTensor> tensors) {
  std::vector<const NamedTensor*> order;
  for (const NamedTensor& tensor : tensors) order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return dtype_bytes(a->dtype) > dtype_bytes(b->dtype);
  });
  return order;
}

std::string header_of(const std::vector<const NamedTensor*>& tensors) {
  Json header = Json::object();
  std::size_t offset = 0;
  for (const NamedTensor* tensor : tensors) {
    check_size(*tensor);
    const std::size_t end = offset + tensor->bytes.size();
    const Json entry = {{"dtype", dtype_name(tensor->dtype)},
                        {"shape", tensor->shape},
                        {"data_offsets", {offset, end}}};
    if (!header.emplace(tensor->name, entry).second) {
      throw Error(ErrorCode::failure, "tensor '" + tensor->name + "' is written twice");
    }
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  return text;
}

}  // namespace

std::string serialize_safetensors(std::span<const NamedTensor> tensors) {
  const auto order = in_file_order(tensors);
  const std::string header = header_of(order);
  std::string file;
  for (std::size_t i = 0; i < 8; ++i) file += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  file += header;
  for (const NamedTensor* tensor : order) {
    file.append(reinterpret_cast<const char*>(tensor->bytes.data()), tensor->bytes.size());
  }
  return file;
}

}  // namespace unmask
