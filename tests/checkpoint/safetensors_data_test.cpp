// The data of a safetensors file: that it is all there, and found where it lies.
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "base/testing.h"
#include "checkpoint/raw_safetensors.h"

namespace unmask {
namespace {

using testing::fails_with;
using testing::raw_safetensors;
using testing::TemporaryFolder;

std::string two_tensors(int first_begin, int second_begin) {
  const auto entry = [](const std::string& name, int begin) {
    return "\"" + name + R"(":{"dtype":"U8","shape":[4],"data_offsets":[)" + std::to_string(begin) +
           "," + std::to_string(begin + 4) + "]}";
  };
  return "{" + entry("a", first_begin) + "," + entry("b", second_begin) + "}";
}

::testing::AssertionResult refuses(const std::string& bytes,
                                   std::initializer_list<std::string_view> words) {
  const TemporaryFolder folder;
  const auto path = folder.write("x.safetensors", bytes);
  return fails_with(ErrorCode::checkpoint, words, [&] { SafetensorsFile{path}; });
}

template <typename Number>
std::span<const std::byte> bytes_of(const std::vector<Number>& numbers) {
  return std::as_bytes(std::span(numbers));
}

TEST(SafetensorsData, IsFoundInAnyOrderOfTheHeader) {
  const TemporaryFolder folder;
  const std::string bytes = raw_safetensors(two_tensors(4, 0), 0) + "BBBBAAAA";
  const SafetensorsFile file(folder.write("x.safetensors", bytes));
  EXPECT_EQ(std::memcmp(file.tensors().at("a").bytes.data(), "AAAA", 4), 0);
  EXPECT_EQ(std::memcmp(file.tensors().at("b").bytes.data(), "BBBB", 4), 0);
}

TEST(SafetensorsData, RejectsOverlappingTensors) {
  EXPECT_TRUE(refuses(raw_safetensors(two_tensors(0, 2), 6), {"tensor 'b'", "byte 2", "overlap"}));
  EXPECT_TRUE(refuses(raw_safetensors(two_tensors(0, 0), 4), {"byte 0", "overlap"}));
}

TEST(SafetensorsData, RejectsHoles) {
  EXPECT_TRUE(refuses(raw_safetensors(two_tensors(0, 5), 9), {"tensor 'b'", "byte 5", "hole"}));
  EXPECT_TRUE(refuses(raw_safetensors(two_tensors(1, 5), 9), {"tensor 'a'", "byte 1", "hole"}));
}

TEST(SafetensorsData, RejectsBytesLeftOver) {
  EXPECT_TRUE(
      refuses(raw_safetensors(two_tensors(0, 4), 9), {"describes 8", "has 9", "left over"}));
  EXPECT_TRUE(refuses(raw_safetensors("{}", 1), {"describes 0", "has 1", "left over"}));
}

TEST(SafetensorsData, RejectsAnIncompleteDownload) {
  EXPECT_TRUE(refuses(raw_safetensors(two_tensors(0, 4), 7),
                      {"describes 8", "has 7", "incomplete download"}));
  EXPECT_TRUE(refuses(raw_safetensors(R"({"w":{"dtype":"U8","shape":[9223372036854775807],
                                      "data_offsets":[0,9223372036854775807]}})",
                                      100),
                      {"9223372036854775807", "has 100", "incomplete download"}));
}

TEST(SafetensorsData, RejectsEveryTruncationOfASoundFile) {
  const std::string whole = testing::safetensors_of({{"a", {2, 3}}, {"b", {1}}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_TRUE(refuses(whole.substr(0, size), {"x.safetensors"})) << size;
  }
}

TEST(SafetensorsData, MayHoldValuesThatAreNotFinite) {
  const TemporaryFolder folder;
  const std::vector<float> values = {std::numeric_limits<float>::quiet_NaN(),
                                     std::numeric_limits<float>::infinity()};
  const NamedTensor tensor{"w", DType::f32, {2}, bytes_of(values)};
  const SafetensorsFile file(folder.write("x.safetensors", serialize_safetensors({&tensor, 1})));
  EXPECT_EQ(std::memcmp(file.tensors().at("w").bytes.data(), values.data(), 8), 0);
}

TEST(SafetensorsData, StaysValidWhenTheFileObjectMoves) {
  const TemporaryFolder folder;
  SafetensorsFile file(folder.write("x.safetensors", testing::safetensors_of({{"a", {2}}})));
  const TensorView* const view = &file.tensors().at("a");
  const SafetensorsFile moved(std::move(file));
  EXPECT_EQ(&moved.tensors().at("a"), view);
}

TEST(SafetensorsWriter, IsReadBackWithEveryDtype) {
  const TemporaryFolder folder;
  const std::vector<std::uint64_t> data = {0x0123456789abcdef, 0xfedcba9876543210};
  std::vector<NamedTensor> tensors;
  for (const DType dtype : {DType::boolean, DType::u8, DType::i8, DType::i16, DType::i32,
                            DType::i64, DType::f16, DType::bf16, DType::f32, DType::f64}) {
    const auto bytes = bytes_of(data).first(2 * dtype_bytes(dtype));
    tensors.push_back({"t." + std::string(dtype_name(dtype)), dtype, {2, 1}, bytes});
  }
  const SafetensorsFile file(folder.write("x.safetensors", serialize_safetensors(tensors)));
  ASSERT_EQ(file.tensors().size(), tensors.size());
  for (const NamedTensor& tensor : tensors) {
    const TensorView& view = file.tensors().at(tensor.name);
    EXPECT_EQ(view.dtype, tensor.dtype);
    EXPECT_EQ(view.shape, tensor.shape);
    ASSERT_EQ(view.bytes.size(), tensor.bytes.size());
    EXPECT_EQ(std::memcmp(view.bytes.data(), tensor.bytes.data(), view.bytes.size()), 0);
    const auto address = reinterpret_cast<std::uintptr_t>(view.bytes.data());
    EXPECT_EQ(address % dtype_bytes(tensor.dtype), 0U) << tensor.name;
  }
}

TEST(SafetensorsWriter, RefusesWhatCouldNotBeReadBack) {
  const std::vector<float> data = {1, 2};
  const NamedTensor wrong_size{"w", DType::f32, {3}, bytes_of(data)};
  EXPECT_TRUE(fails_with(ErrorCode::failure, {"'w' has 8 bytes", "need 12"}, [&] {
    serialize_safetensors({&wrong_size, 1});
  }));
  const NamedTensor twice[] = {{"w", DType::f32, {2}, bytes_of(data)},
                               {"w", DType::f32, {2}, bytes_of(data)}};
  EXPECT_TRUE(fails_with(ErrorCode::failure, {"'w' is written twice"},
                         [&] { serialize_safetensors(twice); }));
}

}  // namespace
}  // namespace unmask
