// The command `logits` against the fixtures' goldens.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "base/json.h"
#include "base/testing.h"
#include "checkpoint/safetensors.h"
#include "cli/process.h"

namespace unmask {
namespace {

using testing::Finished;
using testing::unmask;

using Words = std::vector<std::string>;

constexpr float kTolerance = 2e-4f;  // of the fixtures, absolute and relative

std::vector<float> values(const TensorView& tensor) {
  EXPECT_EQ(tensor.dtype, DType::f32);
  std::vector<float> all(tensor.bytes.size() / sizeof(float));
  std::memcpy(all.data(), tensor.bytes.data(), tensor.bytes.size());
  return all;
}

void expect_near(const TensorView& got, const TensorView& golden) {
  const std::vector<float> a = values(got);
  const std::vector<float> b = values(golden);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_NEAR(a[i], b[i], kTolerance + kTolerance * std::abs(b[i])) << "value " << i;
  }
}

class Logits : public testing::EngineTest {
 protected:
  /// Runs `logits` on these sequences and opens what it wrote.
  SafetensorsFile logits(const std::vector<std::vector<int>>& sequences, const Words& more = {}) {
    Words arguments = {"logits", "-t", "1", "-o", folder_ / "logits.safetensors"};
    for (const std::vector<int>& ids : sequences) {
      std::string text;
      for (const int id : ids) text += std::to_string(id) + " ";
      arguments.insert(arguments.end(), {"--ids", text});
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished finished = unmask(arguments);
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_EQ(finished.out, "");
    return SafetensorsFile(folder_ / "logits.safetensors");
  }

  testing::TemporaryFolder folder_;
};

TEST_F(Logits, AreTheReferencesBeforeAnyShift) {
  for (const char* fixture : {"llada", "dream"}) {
    const auto folder = std::filesystem::path(UNMASK_FIXTURES) / fixture;
    const Json cases = parse_json(testing::content_of(folder / "cases.json"), "cases.json");
    const SafetensorsFile goldens(folder / "goldens.safetensors");
    std::vector<std::vector<int>> sequences;
    std::vector<std::string> names;
    std::vector<std::string> hidden;
    for (const Json& example : cases["forward"]) {
      if (!example["attention_mask"].is_null()) continue;
      if (example.contains("hidden")) hidden = example["hidden"].get<Words>();
      if (example.contains("hidden")) hidden.push_back(std::to_string(sequences.size()));
      sequences.push_back(example["input_ids"][0]);
      names.push_back(example["logits"]);
    }
    ASSERT_FALSE(sequences.empty());
    const SafetensorsFile got =
        logits(sequences, {"-m", testing::model_folder(fixture), "--hidden"});
    for (std::size_t k = 0; k < names.size(); ++k) {
      SCOPED_TRACE(names[k]);
      const TensorView& tensor = got.tensors().at("logits." + std::to_string(k));
      EXPECT_EQ(tensor.shape, (std::vector<std::int64_t>{std::ssize(sequences[k]), 320}));
      expect_near(tensor, goldens.tensors().at(names[k]));
    }
    const std::string sequence = hidden.back();
    hidden.pop_back();
    for (const std::string& golden : hidden) {  // "fwd.len7.hidden.layer0"
      SCOPED_TRACE(golden);
      const std::string state = golden.substr(golden.rfind('.') + 1);
      expect_near(got.tensors().at("hidden." + sequence + "." + state),
                  goldens.tensors().at(golden));
    }
  }
}

TEST_F(Logits, OfAFirstBlockDoNotDependOnTheSecond) {
  const Words block = {"--attention", "block", "--block", "2"};
  const auto first_rows = [](const SafetensorsFile& file) {
    std::vector<float> all = values(file.tensors().at("logits.0"));
    all.resize(2 * 320);
    return all;
  };
  const auto a = first_rows(logits({{1, 2, 3, 4}}, block));
  const auto b = first_rows(logits({{1, 2, 5, 6}}, block));
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], kTolerance);
  const auto full = first_rows(logits({{1, 2, 3, 4}}, {"--attention", "full"}));
  EXPECT_NE(a, full);
}

TEST(LogitsUsage, IsCheckedBeforeAnyWeightsAreOpened) {
  EXPECT_EQ(unmask({"logits", "-o", "/dev/null"}).status, 2);
  EXPECT_EQ(unmask({"logits", "--ids", "1"}).status, 2);
  const testing::TemporaryFolder folder;
  const std::string out = folder / "x";
  EXPECT_EQ(unmask({"logits", "--ids", "1 400", "-o", out}).status, 2);
  EXPECT_EQ(unmask({"logits", "--ids", "1", "-o", out, "--attention", "block"}).status, 2);
  EXPECT_EQ(
      unmask({"logits", "--ids", "1", "-o", out, "--attention", "full", "--block", "2"}).status, 2);
}

}  // namespace
}  // namespace unmask
