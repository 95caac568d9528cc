// The command `inspect`, and that damaged checkpoints are status 3 to every command. What is
// damaged in which way is in tests/checkpoint and tests/text.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/json.h"
#include "base/testing.h"
#include "cli/process.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;

using testing::Finished;
using testing::unmask;

TEST(Inspect, SaysWhatACheckpointIs) {
  const Finished finished = unmask({"inspect", testing::model_folder("llada")});
  EXPECT_EQ(finished.status, 0);
  for (const char* line :
       {"family        llada\n", "parameters    152,000\n", "mask token    305 <|mdm_mask|>\n",
        "end tokens    301 <|endoftext|>\n", "chat format   llada\n",
        "  --temperature        0: the most probable token, unless asked\n",
        "sound         yes\n"}) {
    EXPECT_NE(finished.out.find(line), std::string::npos) << line << finished.out;
  }
}

TEST(Inspect, SaysItAsJson) {
  const Json json = parse_json(unmask({"inspect", "--json"}).out, "report");
  EXPECT_EQ(json["family"], "llada");
  EXPECT_EQ(json["parameters"], 152000);
  EXPECT_EQ(json["stored_bytes"], 608000);
  EXPECT_EQ(json["memory_bytes"]["bf16"], 304000);
  EXPECT_EQ(json["mask_id"], 305);
  EXPECT_EQ(json["options"]["temperature"], 0.0);
  EXPECT_EQ(json["dtypes"], (Json{{"F32", 30}}));
  EXPECT_TRUE(json["sound"]);
  const Json shards =
      parse_json(unmask({"inspect", testing::model_folder("dream"), "--json"}).out, "report");
  EXPECT_TRUE(shards["logit_shift"]);
  EXPECT_EQ(shards["context"], 64);
}

struct Damage {
  const char* name;
  std::function<void(const fs::path& model)> inflict;
};

void overwrite(const fs::path& path, const std::string& content) {
  fs::remove(path);
  std::ofstream(path, std::ios::binary) << content;
}

std::vector<Damage> damages() {
  const char* weights = "model.safetensors";
  return {
      {"K1 five bytes", [=](const fs::path& m) { overwrite(m / weights, "12345"); }},
      {"K4 half a download",
       [=](const fs::path& m) { fs::resize_file(m / weights, fs::file_size(m / weights) / 2); }},
      {"K16 tensors that are missing",
       [=](const fs::path& m) { overwrite(m / weights, std::string("\2\0\0\0\0\0\0\0{}", 10)); }},
      {"K20 weights that are a pipe",
       [=](const fs::path& m) {
         fs::remove(m / weights);
         ::mkfifo((m / weights).c_str(), 0600);
       }},
      {"K22 no config.json", [](const fs::path& m) { fs::remove(m / "config.json"); }},
      {"K22 an unknown model_type",
       [](const fs::path& m) { overwrite(m / "config.json", R"({"model_type":"gpt2"})"); }},
      {"K24 only a pickle",
       [=](const fs::path& m) { fs::rename(m / weights, m / "pytorch_model.bin"); }},
      {"K26 a Git LFS pointer",
       [=](const fs::path& m) {
         overwrite(m / weights, "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
       }},
      {"T1 half a tokenizer.json",
       [](const fs::path& m) { fs::resize_file(m / "tokenizer.json", 100); }},
      {"T12 an unknown chat template",
       [](const fs::path& m) { overwrite(m / "chat_template.jinja", "{{ range(10**9) }}"); }},
  };
}

TEST(Inspect, DamagedCheckpointIsStatusThreeAndIsNamed) {
  for (const Damage& damage : damages()) {
    SCOPED_TRACE(damage.name);
    const testing::TemporaryFolder folder;
    const fs::path model = folder / "model";
    fs::copy(testing::model_folder("llada"), model);
    damage.inflict(model);
    const Finished inspected = unmask({"inspect", model});
    EXPECT_EQ(inspected.status, 3) << inspected.err;
    EXPECT_TRUE(inspected.err.starts_with("unmask: ")) << inspected.err;
    if (!testing::engine_is_built()) continue;
    const Finished generated = unmask({"-m", model, "-n", "4", "-t", "1", "Hello"});
    EXPECT_EQ(generated.status, 3) << generated.err;
    EXPECT_EQ(generated.out, "");
  }
}

TEST(Inspect, ReportsWhatIsWrongAlsoAsJson) {
  const testing::TemporaryFolder folder;
  fs::copy(testing::model_folder("llada"), folder / "model");
  fs::remove(folder / "model/model.safetensors");
  const Json json = parse_json(unmask({"inspect", folder / "model", "--json"}).out, "report");
  EXPECT_FALSE(json["sound"]);
  EXPECT_EQ(json["problems"].size(), 1u);
}

TEST(Inspect, TakesOneModel) {
  EXPECT_EQ(unmask({"inspect", "a", "b"}).status, 2);
  EXPECT_EQ(unmask({"inspect", "a", "-m", "b"}).status, 2);
}

}  // namespace
}  // namespace unmask
