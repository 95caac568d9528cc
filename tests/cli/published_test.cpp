// Published metadata over small random weights: what people download, typed as people type it.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/testing.h"
#include "cli/process.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;

using testing::Finished;
using testing::unmask;
using testing::Words;

class Published : public testing::EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (!fs::exists(shared_ / "published")) GTEST_SKIP() << "there is no " << shared_;
  }

  /// A folder with the metadata of that name, and weights.
  std::string stand_in(const std::string& name) const {
    const std::string folder = folder_ / name;
    testing::Launch tool;
    tool.program = shared_ / "tools/make-standin";
    tool.arguments = {shared_ / "published" / name, folder};
    const Finished made = testing::launch(tool);
    EXPECT_EQ(made.status, 0) << made.err;
    return folder;
  }

 private:
  fs::path shared_ = UNMASK_SHARED;
  testing::TemporaryFolder folder_;
};

std::string report_on(const std::string& folder) { return unmask({"inspect", "-m", folder}).out; }

TEST_F(Published, LladaAnswersAsTyped) {
  const std::string folder = stand_in("llada-8b-instruct");
  const Finished answer = unmask({"-m", folder, "-n", "8", "Hello"});
  EXPECT_EQ(answer.status, 0) << answer.err;
  EXPECT_NE(answer.out, "");
  EXPECT_EQ(answer.err, "");
  EXPECT_NE(report_on(folder).find("sound         yes\n"), std::string::npos);
}

TEST_F(Published, Llada2UsesAllItsTensors) {
  const std::string folder = stand_in("llada2.0-mini");
  EXPECT_NE(report_on(folder).find("0 of them unused\n"), std::string::npos);
  const Finished answer = unmask({"-m", folder, "-n", "8", "--chat", "ling", "Hello"});
  EXPECT_EQ(answer.status, 0) << answer.err;
}

}  // namespace
}  // namespace unmask
