// --max-forwards, --deadline and --converged.
#include <gtest/gtest.h>

#include "base/json.h"
#include "cli/process.h"

namespace unmask {
namespace {

using testing::Finished;
using testing::operator+;
using testing::result_of;
using testing::Words;

const Words kBlocks = {"Hello", "-n", "32", "--block", "4", "--no-end", "-t", "1"};

using Limits = testing::EngineTest;

TEST_F(Limits, ABudgetEndsWithTheBlockWorkedOnFilled) {
  const Json whole = result_of(kBlocks);
  ASSERT_EQ(whole["forwards"], 32);
  const Json cut = result_of(kBlocks + Words{"--max-forwards", "10"});
  EXPECT_EQ(cut["finish"], "budget");
  EXPECT_EQ(cut["forwards"], 10);
  EXPECT_EQ(cut["ids"].size(), 12U);  // the third block, two tokens of it at once
  EXPECT_EQ(std::vector<int>(cut["ids"].begin(), cut["ids"].begin() + 8),
            std::vector<int>(whole["ids"].begin(), whole["ids"].begin() + 8));
  const Json enough = result_of(kBlocks + Words{"--max-forwards", "32"});
  EXPECT_EQ(enough["ids"], whole["ids"]);
  EXPECT_EQ(enough["finish"], "length");
}

TEST_F(Limits, ConvergedFillsEverythingOnceTheNetworkIsSure) {
  const Words open = {"--ids", "5 6 7", "-m", testing::model_folder("llada"),
                      "-n",    "12",    "-t", "1"};
  const Json whole = result_of(open);
  const Json stopped = result_of(open + Words{"--converged", "1e9,0,0"});
  EXPECT_EQ(stopped["finish"], "converged");
  EXPECT_EQ(stopped["forwards"], 5);  // four tokens are a third
  EXPECT_EQ(stopped["ids"].size(), 12U);
  EXPECT_EQ(stopped["options"]["converged"], "1e+09,0,0");
  const Json never = result_of(open + Words{"--converged", "1e9,1e9,1e9"});
  EXPECT_EQ(never["ids"], whole["ids"]);
  EXPECT_EQ(never["finish"], "length");
}

TEST_F(Limits, ADeadlineThatIsOverStillGivesABlock) {
  const Json cut = result_of(kBlocks + Words{"--deadline", "1ms"});
  EXPECT_EQ(cut["finish"], "deadline");
  EXPECT_EQ(cut["forwards"], 1);
  EXPECT_EQ(cut["ids"].size(), 4U);
  EXPECT_EQ(result_of(kBlocks + Words{"--deadline", "1h"})["finish"], "length");
  for (const char* bad : {"0", "-1s", "2x", "", "nan", "1e300s"}) {
    const Finished refused = testing::unmask(kBlocks + Words{std::string("--deadline=") + bad});
    EXPECT_EQ(refused.status, 2) << bad;
  }
}

}  // namespace
}  // namespace unmask
