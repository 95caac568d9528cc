#include "model/tensors.h"

#include <ATen/ATen.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "model/dense_matrix.h"
#include "model/lazy_matrix.h"

namespace unmask {
namespace {

at::ScalarType scalar_type(DType dtype, const std::string& name) {
  switch (dtype) {
    case DType::f16:
      return at::kHalf;
    case DType::bf16:
      return at::kBFloat16;
    case DType::f32:
      return at::kFloat;
    case DType::f64:
      return at::kDouble;
    default:
      throw Error(ErrorCode::checkpoint, "tensor '" + name + "' holds " +
                                             std::string(dtype_name(dtype)) +
                                             " values; weights must be F16, BF16, F32 or F64");
  }
}

/// The tensor of that name, of a type that weights may have.
const TensorView& weight(const Checkpoint& checkpoint, const std::string& name) {
  const TensorView* view = checkpoint.tensors().find(name);
  if (view == nullptr) throw Error(ErrorCode::checkpoint, "there is no tensor '" + name + "'");
  (void)scalar_type(view->dtype, name);
  return *view;
}

/// Lets go of the memory behind bytes of a mapped file that were copied: the checkpoint stays open,
/// and would count twice. Whoever reads them again gets them from the file.
void drop_pages(std::span<const std::byte> bytes) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data());
  const std::uintptr_t first = (begin + page - 1) / page * page;  // others share the outer pages
  const std::uintptr_t last = (begin + bytes.size()) / page * page;
  if (first < last) ::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

}  // namespace

TensorSource::TensorSource(std::shared_ptr<const Checkpoint> checkpoint, Place place)
    : checkpoint_(std::move(checkpoint)), place_(place) {}

at::Tensor TensorSource::get(const std::string& name) const {
  at::Tensor placed = stored(name).to(place_.device, place_.type);
  const std::span<const std::byte> mapped = weight(*checkpoint_, name).bytes;
  if (placed.data_ptr() != mapped.data()) drop_pages(mapped);
  return placed;
}

std::shared_ptr<const Matrix> TensorSource::matrix(const std::string& name) const {
  return std::make_shared<DenseMatrix>(get(name));
}

std::shared_ptr<const Matrix> TensorSource::lazy_matrix(const std::string& name) const {
  (void)weight(*checkpoint_, name);
  return std::make_shared<LazyMatrix>([source = *this, name] { return source.matrix(name); });
}

/// As the file has it: mapped, or copied where it is not aligned. The format promises no alignment.
at::Tensor TensorSource::stored(const std::string& name) const {
  const TensorView& view = weight(*checkpoint_, name);
  const at::ScalarType type = scalar_type(view.dtype, name);
  // The mapping is read-only; nothing in the network writes to a weight.
  auto* data = const_cast<std::byte*>(view.bytes.data());
  if (reinterpret_cast<std::uintptr_t>(data) % dtype_bytes(view.dtype) != 0) {
    at::Tensor copy = at::empty(view.shape, type);
    std::memcpy(copy.data_ptr(), data, view.bytes.size());
    return copy;
  }
  return at::from_blob(
      data, view.shape, [keep = checkpoint_](void*) {}, at::TensorOptions().dtype(type));
}

}  // namespace unmask
