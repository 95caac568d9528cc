// A matrix that stays in the mapped file until it is first used, so that what is never used, an
// expert that no token goes to, costs neither time nor memory.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/lazy.h"
#include "model/matrix.h"

namespace unmask {

class LazyMatrix : public Matrix {
 public:
  /// `make` is called once, by the first thread that uses the matrix.
  using Make = std::function<std::shared_ptr<const Matrix>()>;
  explicit LazyMatrix(Make make) : make_(std::move(make)) {}

  using Matrix::times;
  at::Tensor times(const at::Tensor& x, const std::optional<at::Tensor>& bias) const override {
    return made().times(x, bias);
  }
  at::Tensor rows(const at::Tensor& ids) const override { return made().rows(ids); }

 private:
  const Matrix& made() const { return *matrix_.get(make_); }

  Make make_;
  Lazy<std::shared_ptr<const Matrix>> matrix_;
};

}  // namespace unmask
