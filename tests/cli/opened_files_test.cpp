// How often a command opens the files of a checkpoint, as the system counts it.
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <map>

#include "base/testing.h"
#include "cli/process.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;
using testing::EngineTest;
using testing::operator+;
using testing::Finished;
using testing::Words;
using Counts = std::map<std::string, int>;

/// Counts how often the files of a folder are opened from now on.
class OpenCounter {
 public:
  explicit OpenCounter(const fs::path& folder) : queue_(::inotify_init1(IN_NONBLOCK)) {
    // Equal events that follow each other become one; the closing in between keeps them apart.
    EXPECT_GE(::inotify_add_watch(queue_, folder.c_str(), IN_OPEN | IN_CLOSE), 0);
  }
  ~OpenCounter() { ::close(queue_); }
  OpenCounter(const OpenCounter&) = delete;
  OpenCounter& operator=(const OpenCounter&) = delete;

  Counts counts() const {
    Counts counts;
    alignas(inotify_event) std::array<char, 1 << 16> buffer{};
    ssize_t got = 0;
    while ((got = ::read(queue_, buffer.data(), buffer.size())) > 0) {
      for (const char* at = buffer.data(); at < buffer.data() + got;) {
        inotify_event event{};
        std::memcpy(&event, at, sizeof event);
        const char* const name = at + sizeof event;
        if ((event.mask & IN_OPEN) != 0 && (event.mask & IN_ISDIR) == 0) ++counts[name];
        at = name + event.len;
      }
    }
    return counts;
  }

 private:
  int queue_;
};

class OpenedFiles : public EngineTest {
 protected:
  /// What a command opens of a fixture's checkpoint with a file of every kind.
  Counts opened_by(const Words& arguments, const std::string& input = "") const {
    const testing::TemporaryFolder folder;
    fs::copy(testing::model_folder("llada"), folder / "model");
    if (!fs::exists(folder / "model/generation_config.json")) {
      folder.write("model/generation_config.json", R"({"max_new_tokens": 8})");
    }
    folder.write("model/special_tokens_map.json", "{}");
    const OpenCounter counter(folder / "model");
    const Finished finished =
        testing::unmask_with_input(input, arguments + Words{"-m", (folder / "model").string()});
    EXPECT_EQ(finished.status, 0) << finished.err;
    return counter.counts();
  }
};

TEST_F(OpenedFiles, AreOpenedOnceToGenerate) {
  EXPECT_EQ(opened_by({"-p", "Once", "-n", "4"}), (Counts{{"config.json", 1},
                                                          {"generation_config.json", 1},
                                                          {"model.safetensors", 1},
                                                          {"special_tokens_map.json", 1},
                                                          {"tokenizer.json", 1},
                                                          {"tokenizer_config.json", 1}}));
}

TEST_F(OpenedFiles, AreOpenedOnceForABatch) {
  const Counts counts =
      opened_by({"batch", "--lines", "-n", "4", "--chat", "llada"}, "Once\nTwice\nThrice\n");
  for (const auto& [name, times] : counts) EXPECT_EQ(times, 1) << name;
  EXPECT_EQ(counts.count("model.safetensors"), 1U);
  EXPECT_EQ(counts.count("config.json"), 1U);
}

TEST_F(OpenedFiles, AreNoWeightsWhereNoneAreNeeded) {
  for (const Words& arguments :
       {Words{"-p", "Once", "--dry-run"}, Words{"tokenize", "Once"}, Words{"config"}}) {
    const Counts counts = opened_by(arguments);
    EXPECT_EQ(counts.count("model.safetensors"), 0U) << arguments[0];
    for (const auto& [name, times] : counts) EXPECT_EQ(times, 1) << arguments[0] << ' ' << name;
  }
}

TEST_F(OpenedFiles, AreOpenedOnceToInspect) {
  const testing::TemporaryFolder folder;
  fs::copy(testing::model_folder("llada"), folder / "model");
  const OpenCounter counter(folder / "model");
  EXPECT_EQ(testing::unmask({"inspect", (folder / "model").string()}).status, 0);
  for (const auto& [name, times] : counter.counts()) EXPECT_EQ(times, 1) << name;
}

}  // namespace
}  // namespace unmask
