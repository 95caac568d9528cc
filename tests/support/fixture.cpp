#include "support/fixture.h"

#include <ATen/ATen.h>

#include <cstring>
#include <sstream>

#include "base/file.h"

namespace unmask::testing {
namespace {

at::ScalarType scalar_type(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return at::kFloat;
    case DType::f64:
      return at::kDouble;
    case DType::bf16:
      return at::kBFloat16;
    case DType::i64:
      return at::kLong;
    case DType::i32:
      return at::kInt;
    default:
      throw std::runtime_error("a golden of a type that no test expects");
  }
}

}  // namespace

Fixture::Fixture(const std::string& name)
    : folder_(std::filesystem::path(UNMASK_FIXTURES) / name),
      checkpoint_(Checkpoint::open(folder_ / "model")) {
  cases_ = parse_json(read_file(folder_ / "cases.json", 1 << 24), "cases.json");
  goldens_ = std::make_unique<SafetensorsFile>(folder_ / "goldens.safetensors");
}

std::filesystem::path Fixture::model_folder() const { return folder_ / "model"; }

at::Tensor Fixture::golden(const std::string& name) const {
  const TensorView& view = goldens_->tensors().at(name);
  at::Tensor tensor = at::empty(view.shape, scalar_type(view.dtype));
  std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
  return tensor;
}

std::string Fixture::family() const { return named_family(folder_.filename()); }

ModelFacts Fixture::facts() const { return read_facts(*checkpoint_, family()); }

Model Fixture::load(ComputeType dtype, bool raw) const {
  ModelFacts facts = this->facts();
  if (raw) facts.logit_shift = false;
  return Model(checkpoint_, facts, dtype);
}

std::vector<int> to_ints(const Json& array) { return array.get<std::vector<int>>(); }

std::string first_difference(const at::Tensor& actual, const at::Tensor& expected, double atol,
                             double rtol) {
  if (actual.sizes() != expected.sizes()) {
    std::ostringstream text;
    text << "shapes " << actual.sizes() << " and " << expected.sizes();
    return text.str();
  }
  const at::Tensor a = actual.to(at::kDouble).flatten(), b = expected.to(at::kDouble).flatten();
  const at::Tensor close = (a - b).abs().le(atol + rtol * b.abs());
  if (close.all().item<bool>()) return "";
  const auto index = close.logical_not().to(at::kInt).argmax().item<std::int64_t>();
  std::ostringstream text;
  text << "element " << index << ": " << a[index].item<double>() << " and "
       << b[index].item<double>();
  return text.str();
}

}  // namespace unmask::testing
