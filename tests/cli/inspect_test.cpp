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
        "end tokens    301 <|endoftext|>\n", "chat format   own-",
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

/// A report of a fixture, and what it must have in it.
struct Report {
  std::vector<std::string> words;  ///< fixture, and flags if it needs some
  std::vector<const char*> lines;
};

TEST(Inspect, KnowsEveryFamily) {
  const std::vector<Report> reports{
      {{"a2d_qwen3"},
       {"family        a2d\n", "mask token    299 <|mask|>\n", "chat format   own-",
        "  --schedule           dllm:linear\n"}},
      {{"llada_moe"}, {"family        llada-moe\n", "mask token    304 <|mask|>\n"}},
      {{"llada2"},
       {"family        llada2\n", "note          LLaDA2.1 has", "--family llada2.1",
        "parameters    208,432, 146,992 of them active for a token\n",
        "experts       3 of 8 per token, feed-forward 32 each, 32 shared; not in 1 layer\n",
        "attention     a token sees its block of 32 tokens and those before it\n",
        "  --commit             dynamic:0.95\n"}},
      {{"llada21", "--family", "llada2.1"},
       {"family        llada2.1\n", "  --revise             edit:0.9,16\n"}},
      {{"sdar"}, {"family        sdar\n", "end tokens    316 <|im_end|>, 314 <|endoftext|>\n"}},
      {{"fast_dllm_v2"},
       {"mask token    319 |<MASK>|\n", "  --sub-block          8\n",
        "those before it; the output before it predicts it\n"}},
      {{"rnd1"}, {"experts       2 of 6 per token, feed-forward 24 each\n"}},
      {{"open_dcoder", "--family", "open-dcoder"}, {"mask token    291 [MASK]\n"}},
      {{"smdm"}, {"vocabulary    384 tokens, 385 rows in the network\n"}},
      {{"bd3lm"},
       {"network       diffusion transformer, 2 layers", "end tokens    256 <|endoftext|>\n",
        "context       no limit; the last 32 tokens are seen\n",
        "tensors       33, 0 of them unused\n"}},
      {{"mdlm"}, {"  --commit             ancestral\n", "context       64 tokens\n"}},
  };
  for (const Report& report : reports) {
    std::vector<std::string> words{"inspect", testing::fixture(report.words.front()) / "model"};
    words.insert(words.end(), report.words.begin() + 1, report.words.end());
    const Finished finished = unmask(words);
    EXPECT_EQ(finished.status, 0) << finished.err;
    for (const char* line : report.lines) {
      EXPECT_NE(finished.out.find(line), std::string::npos) << line << finished.out;
    }
  }
}

TEST(Inspect, ShowsNoStepsWhereNoneAreCounted) {
  const Finished finished = unmask({"inspect", testing::fixture("fast_dllm_v2") / "model"});
  EXPECT_EQ(finished.out.find("--steps"), std::string::npos) << finished.out;
  EXPECT_EQ(finished.out.find("--schedule"), std::string::npos) << finished.out;
}

TEST(Inspect, SaysWhatIsKnownOfExpertsAsJson) {
  const Json json = parse_json(
      unmask({"inspect", testing::fixture("sdar_moe") / "model", "--json"}).out, "report");
  EXPECT_EQ(json["parameters"], 89200);
  EXPECT_EQ(json["active_parameters"], 61552);
  EXPECT_EQ(json["experts"]["count"], 6);
  EXPECT_EQ(json["ambiguity"], nullptr);
  EXPECT_EQ(json["options"]["attention"], "block");
}

/// A copy of a fixture's model with another config.json or tokenizer_config.json.
fs::path copy_with(const testing::TemporaryFolder& folder, const char* fixture, const char* file,
                   const std::function<void(Json&)>& change) {
  const fs::path model = folder / "model";
  fs::copy(testing::fixture(fixture) / "model", model);
  Json json = parse_json(testing::content_of(model / file), file);
  change(json);
  fs::remove(model / file);
  std::ofstream(model / file) << json;
  return model;
}

TEST(Inspect, NamesTheFlagWhereNobodyKnowsTheMask) {
  const testing::TemporaryFolder folder;
  const fs::path model = copy_with(folder, "bd3lm", "config.json", [](Json& config) {
    config = {{"model_type", "exported"}, {"vocab_size", 258}};
  });
  std::ofstream(model / "model.pt2") << "a program";
  const Finished finished = unmask({"inspect", model});
  EXPECT_EQ(finished.status, 3);
  EXPECT_NE(finished.out.find("neither config.json nor the tokenizer names a mask token"),
            std::string::npos)
      << finished.out;
  EXPECT_NE(finished.out.find("--allow-code"), std::string::npos) << finished.out;
  const Finished planned = unmask({"-m", model, "--dry-run", "Hi"});
  EXPECT_EQ(planned.status, 3);
  EXPECT_NE(planned.err.find("--mask-id N"), std::string::npos) << planned.err;
  EXPECT_EQ(unmask({"-m", model, "--dry-run", "--mask-id", "7", "Hi"}).status, 0);
}

TEST(Inspect, MissesTheModuleOfAnExportedModel) {
  const testing::TemporaryFolder folder;
  const fs::path model = copy_with(folder, "bd3lm", "config.json", [](Json& config) {
    config = {{"model_type", "exported"}, {"vocab_size", 258}, {"mask_token_id", 257}};
  });
  const Finished finished = unmask({"inspect", model});
  EXPECT_EQ(finished.status, 3);
  EXPECT_NE(finished.err.find("model.pt2"), std::string::npos) << finished.err;
}

TEST(Inspect, FindsATokenizerThatIsTooLargeForTheModel) {
  const testing::TemporaryFolder folder;
  const fs::path model = copy_with(folder, "a2d_qwen3", "config.json",
                                   [](Json& config) { config["vocab_size"] = 299; });
  const Finished finished = unmask({"inspect", model});
  EXPECT_EQ(finished.status, 3);
  EXPECT_NE(finished.out.find("has the id 299, but the model has only 299 rows"), std::string::npos)
      << finished.out;
}

TEST(Inspect, RefusesAutoregressiveModels) {
  const Finished finished = unmask({"inspect", testing::fixture("open_dcoder") / "model"});
  EXPECT_EQ(finished.status, 3);
  for (const char* words : {"'qwen2'", "--family open-dcoder", "--family a2d"}) {
    EXPECT_NE(finished.err.find(words), std::string::npos) << finished.err;
  }
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
      {"T12 a chat template that is none",
       [](const fs::path& m) { overwrite(m / "chat_template.jinja", "{{ range(10**9 }}"); }},
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
    if (!testing::has_engine()) continue;
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
