// A checkpoint that is a program: a TorchScript module made here, beside a config.json.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "base/file.h"
#include "base/testing.h"
#include "engine/exports.h"
#include "unmask/error.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;
constexpr int kVocab = 12, kMask = 11;

/// Predicts for every position the token after the one before it: 3 4 _ _ becomes 3 4 5 6.
constexpr const char* kCounting = R"(
def forward(self, ids: Tensor) -> Tensor:
    return 9.0 * torch.one_hot(torch.remainder(ids + 1, self.vocab), self.vocab)
)";

class Exported : public ::testing::Test {
 protected:
  Exported()
      : folder_(fs::temp_directory_path() / ("unmask-exported-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
    torch::jit::Module module("counting");
    module.register_attribute("vocab", c10::IntType::get(), kVocab);
    module.define(kCounting);
    module.save((folder_ / "model.pt").string());
    write_config(kVocab);
  }
  ~Exported() override { fs::remove_all(folder_); }

  void write_config(int vocab) const {
    write_file_atomically(folder_ / "config.json",
                          R"({"model_type": "exported", "module": "model.pt", "vocab_size": )" +
                              std::to_string(vocab) + R"(, "mask_token_id": )" +
                              std::to_string(kMask) +
                              R"(, "eos_token_id": 0, "logit_shift": true})");
  }

  std::unique_ptr<Engine> load(bool allow_code) const {
    EngineOptions options;
    options.checkpoint = open_checkpoint(folder_);
    options.allow_code = allow_code;
    return std::unique_ptr<Engine>(unmask_engine_create(options));
  }

  fs::path folder_;
};

TEST_F(Exported, IsNotRunUnlessAllowed) {
  try {
    load(false);
    FAIL() << "the program was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::checkpoint);
    EXPECT_NE(error.hint().find("--allow-code"), std::string::npos);
  }
}

TEST_F(Exported, GivesLogitsAndFillsCanvases) {
  const auto engine = load(true);
  const std::vector<int> ids{3, 7};
  const RawLogits raw = engine->logits({&ids, 1}, {}, false)[0];
  EXPECT_EQ(raw.tensors[0].shape, (std::vector<std::int64_t>{2, kVocab}));
  EXPECT_EQ(raw.tensors[0].values[4], 9);
  EXPECT_EQ(raw.tensors[0].values[3], 0);

  // Two requests of unequal lengths in one batch, from left to right.
  std::vector<GenerationRequest> requests(2);
  requests[0].canvas = {Segment::given({3, 4})};
  requests[1].canvas = {Segment::given({6})};
  for (GenerationRequest& request : requests) {
    request.options.length = 3;
    request.options.order = Order::left;
  }
  const std::vector<Generation> answers = engine->generate(requests, nullptr);
  EXPECT_EQ(answers[0].canvas, (std::vector<int>{3, 4, 5, 6, 7}));
  EXPECT_EQ(answers[1].canvas, (std::vector<int>{6, 7, 8, 9}));
}

TEST_F(Exported, MayNotBeALinkToAProgramElsewhere) {
  const fs::path elsewhere = folder_.string() + "-program.pt";
  fs::rename(folder_ / "model.pt", elsewhere);
  fs::create_symlink(elsewhere, folder_ / "model.pt");
  EXPECT_TRUE(testing::fails_with(ErrorCode::checkpoint,
                                  {"model.pt", "symbolic link to", "outside of the checkpoint"},
                                  [&] { load(true); }));
  fs::remove(elsewhere);
}

TEST_F(Exported, ThatIsMissingIsNamed) {
  fs::remove(folder_ / "model.pt");
  EXPECT_TRUE(testing::fails_with(ErrorCode::checkpoint, {"'model.pt'", "is missing"},
                                  [&] { load(true); }));
}

TEST_F(Exported, ThatDoesNotFitItsConfigIsRefused) {
  write_config(kVocab + 1);
  const auto engine = load(true);
  const std::vector<int> ids{3, 7};
  EXPECT_THROW(engine->logits({&ids, 1}, {}, false), Error);
  EXPECT_THROW(engine->logits({&ids, 1}, {}, true), Error);
}

TEST_F(Exported, ThatIsDamagedIsRefused) {
  write_file_atomically(folder_ / "model.pt", "not a program");
  try {
    load(true);
    FAIL() << "it was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::checkpoint);
    EXPECT_NE(std::string(error.what()).find("model.pt"), std::string::npos);
  }
}

}  // namespace
}  // namespace unmask
