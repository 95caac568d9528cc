// A checkpoint's tensors where the network is computed.
#include "model/tensors.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/testing.h"
#include "support/fixture.h"

namespace unmask {
namespace {

using testing::fails_with;
using testing::TemporaryFolder;

/// A checkpoint of one tensor 'w' [2, 2] with the values 1 2 3 4, of the given type.
template <typename Value>
std::shared_ptr<const Checkpoint> checkpoint_of(const TemporaryFolder& folder, DType dtype) {
  const std::vector<Value> values{Value(1), Value(2), Value(3), Value(4)};
  const NamedTensor tensor{"w", dtype, {2, 2}, std::as_bytes(std::span(values))};
  folder.write("model.safetensors", serialize_safetensors({&tensor, 1}));
  return Checkpoint::open(folder.path());
}

TEST(TensorSource, SharesTheMappingWhereItCan) {
  const TemporaryFolder folder;
  const auto checkpoint = checkpoint_of<float>(folder, DType::f32);
  const TensorSource source(checkpoint, {});
  const void* const mapped = checkpoint->tensors().find("w")->bytes.data();
  EXPECT_EQ(source.get("w").data_ptr(), mapped);
  const at::Tensor converted = TensorSource(checkpoint, {.type = at::kBFloat16}).get("w");
  EXPECT_NE(converted.data_ptr(), mapped);
  EXPECT_EQ(converted.scalar_type(), at::kBFloat16);
}

/// Kilobytes of mapped files in memory.
long mapped_kilobytes() {
  const std::string status = testing::content_of("/proc/self/status");
  return std::stol(status.substr(status.find("RssFile:") + 8));
}

TEST(TensorSource, LetsGoOfWhatItHasConverted) {
  constexpr std::int64_t kRows = 4096, kColumns = 2048;
  const TemporaryFolder folder;
  const std::vector<std::uint16_t> ones(kRows * kColumns, 0x3F80);  // 16 MiB
  const auto bytes = std::as_bytes(std::span(ones));
  const std::vector<NamedTensor> tensors{
      {"large", DType::bf16, {kRows, kColumns}, bytes},
      {"small", DType::bf16, {1, kColumns}, bytes.first(2 * kColumns)}};
  folder.write("model.safetensors", serialize_safetensors(tensors));
  const TensorSource source(Checkpoint::open(folder.path()), {});
  EXPECT_EQ(source.get("small").sum().item<float>(), kColumns);  // brings the code for it in
  const long before = mapped_kilobytes();
  const at::Tensor large = source.get("large");
  EXPECT_LT(mapped_kilobytes() - before, 4096);
  EXPECT_EQ(large.sum().item<float>(), kRows * kColumns);
}

TEST(TensorSource, KeepsTheCheckpointAlive) {
  const TemporaryFolder folder;
  auto checkpoint = checkpoint_of<float>(folder, DType::f32);
  const at::Tensor tensor = TensorSource(checkpoint, {}).get("w");
  const auto lazy = TensorSource(checkpoint, {}).lazy_matrix("w");
  checkpoint.reset();
  EXPECT_EQ(tensor.sum().item<float>(), 10);
  EXPECT_EQ(lazy->times(at::ones({1, 2})).sum().item<float>(), 10);
}

TEST(TensorSource, GivesWideOnesWhateverItsOwnType) {
  const TemporaryFolder folder;
  const TensorSource source(checkpoint_of<double>(folder, DType::f64), {.type = at::kBFloat16});
  EXPECT_EQ(source.get("w").scalar_type(), at::kBFloat16);
  EXPECT_EQ(source.wide().get("w").scalar_type(), at::kFloat);
  EXPECT_EQ(source.matrix("w")->rows(at::zeros({1}, at::kLong)).scalar_type(), at::kBFloat16);
  EXPECT_EQ(source.lazy_matrix("w")->rows(at::zeros({1}, at::kLong)).scalar_type(), at::kBFloat16);
}

TEST(TensorSource, RefusesAtOnceWhatALazyMatrixCannotBe) {
  const TemporaryFolder folder;
  const TensorSource source(checkpoint_of<std::int32_t>(folder, DType::i32), {});
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"'w' holds I32 values", "must be F16"},
                         [&] { source.lazy_matrix("w"); }));
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"there is no tensor 'v'"},
                         [&] { source.lazy_matrix("v"); }));
}

/// Weights that must be converted first, which several threads see to at once.
TEST(Model, MayBeAskedByManyThreadsFromTheFirstPassOn) {
  const testing::Fixture fixture("llada2");
  const std::vector<int> ids{5, 6, 7, 8, 9}, rows{0, 1, 2, 3, 4};
  const auto predict = [&](const Model& model) {
    const c10::InferenceMode inference;
    const Request request{.ids = ids, .rows = rows};
    return model.predict({&request, 1}).front();
  };
  const at::Tensor expected = predict(fixture.load(ComputeType::bf16));
  const Model model = fixture.load(ComputeType::bf16);
  std::vector<at::Tensor> answers(6);
  std::vector<std::thread> threads;
  for (at::Tensor& answer : answers) threads.emplace_back([&] { answer = predict(model); });
  for (std::thread& thread : threads) thread.join();
  for (const at::Tensor& answer : answers) EXPECT_TRUE(answer.equal(expected));
}

}  // namespace
}  // namespace unmask
