// A golden only counts if a wrong network would miss it: changing one element of any one tensor of
// a checkpoint must show in some forward case.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>

#include "base/file.h"
#include "support/forward_case.h"

namespace unmask {
namespace {

using testing::compare_logits;
using testing::Fixture;
using testing::forward_cases;
using testing::ForwardCase;
namespace fs = std::filesystem;

/// A single-file copy of a checkpoint in which tensors can be changed. Gone with the object.
class CheckpointCopy {
 public:
  explicit CheckpointCopy(const fs::path& original)
      : folder_(fs::temp_directory_path() / ("unmask-perturbed-" + std::to_string(getpid()))),
        checkpoint_(Checkpoint::open(original)) {
    fs::remove_all(folder_);
    fs::create_directory(folder_);
    fs::copy(original / "config.json", folder_);
  }
  ~CheckpointCopy() { fs::remove_all(folder_); }

  const fs::path& folder() const { return folder_; }
  const TensorStore& weights() const { return checkpoint_->tensors(); }

  /// Writes all tensors, with 0.5 added to one element of `changed`, in the middle of `row`.
  void write(std::string_view changed, std::int64_t row) const {
    std::vector<NamedTensor> tensors;
    std::vector<float> values;
    for (const auto& [name, view] : weights().tensors()) {
      tensors.push_back({std::string(name), view->dtype, view->shape, view->bytes});
      if (name != changed) continue;
      values.resize(view->bytes.size() / sizeof(float));
      std::memcpy(values.data(), view->bytes.data(), view->bytes.size());
      const std::int64_t width = view->shape.back();
      // Not where it makes no difference: a key's bias in a head's last number, which hardly
      // rotates, or the sine of noise level 0.
      values.at(view->shape.size() == 2 ? row * width + (width - 1) / 2 : width / 2) += 0.5F;
      tensors.back().bytes = std::as_bytes(std::span(values));
    }
    write_file_atomically(folder_ / "model.safetensors", serialize_safetensors(tensors));
  }

 private:
  fs::path folder_;
  std::shared_ptr<const Checkpoint> checkpoint_;
};

bool agrees(const Fixture& fixture, const fs::path& folder) {
  ModelFacts facts = fixture.facts();
  facts.logit_shift = false;
  const Model model(Checkpoint::open(folder), facts, ComputeType::f32);
  for (const ForwardCase& test_case : forward_cases(fixture)) {
    if (test_case.name == "time_conditioning_true") continue;
    if (!compare_logits(fixture, model, test_case).empty()) return false;
  }
  return true;
}

/// What a checkpoint holds beside its weights, for other programs.
bool is_buffer(std::string_view name) {
  return name.ends_with("inv_freq") || name.starts_with("sampling_eps");
}

class PerturbedWeights : public ::testing::TestWithParam<std::string> {
  c10::InferenceMode inference_;
};

TEST_P(PerturbedWeights, AreNoticedInEveryTensor) {
  const Fixture fixture(GetParam());
  const CheckpointCopy copy(fixture.model_folder());
  copy.write("none", 0);
  ASSERT_TRUE(agrees(fixture, copy.folder())) << "the copy itself must be right";
  // A row of the embedding that the cases use: their first token.
  const int used = fixture.cases()["forward"][0]["input_ids"][0][0];
  for (const auto& [name, view] : copy.weights().tensors()) {
    if (is_buffer(name)) continue;
    const bool embedding = view->shape.front() == fixture.facts().spec.vocab_rows;
    copy.write(name, embedding ? used : 0);
    EXPECT_FALSE(agrees(fixture, copy.folder())) << name;
  }
}

std::vector<std::string> float32_fixtures() {
  std::vector<std::string> names = testing::all_fixtures();
  std::erase(names, "llada_bf16");  // half a unit is lost in bfloat16's rounding of some weights
  return names;
}

INSTANTIATE_TEST_SUITE_P(Families, PerturbedWeights, ::testing::ValuesIn(float32_fixtures()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace unmask
