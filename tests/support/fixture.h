// A folder of tests/fixtures: a tiny checkpoint with what the reference implementation made of it.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "checkpoint/safetensors.h"
#include "model/model.h"
#include "references/fixtures.h"

namespace unmask::testing {

class Fixture {
 public:
  explicit Fixture(const std::string& name);

  std::filesystem::path model_folder() const;
  std::shared_ptr<const Checkpoint> checkpoint() const { return checkpoint_; }
  const Json& cases() const { return cases_; }
  at::Tensor golden(const std::string& name) const;

  /// The family by which the fixture's config.json is read, where that alone does not say it.
  std::string family() const;
  ModelFacts facts() const;
  /// The model; with `raw`, without the family's logit shift, as the forward goldens are.
  Model load(ComputeType dtype = ComputeType::f32, bool raw = false) const;

 private:
  std::filesystem::path folder_;
  std::shared_ptr<const Checkpoint> checkpoint_;
  Json cases_;
  std::unique_ptr<SafetensorsFile> goldens_;
};

std::vector<int> to_ints(const Json& array);

/// Index of the first element with |a - b| > atol + rtol |b|, described; "" when there is none.
/// NaN counts as different.
std::string first_difference(const at::Tensor& actual, const at::Tensor& expected, double atol,
                             double rtol);

}  // namespace unmask::testing
