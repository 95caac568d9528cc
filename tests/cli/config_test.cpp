// The command `config`.
#include <gtest/gtest.h>

#include <sstream>

#include "cli/process.h"

namespace unmask {
namespace {

using testing::Finished;
using Words = std::vector<std::string>;

TEST(Config, PrintsFlagsThatSayTheSame) {
  const Finished finished = testing::unmask({"config", "--preset", "llada", "--block", "8"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_NE(finished.out.find("--block 8\n"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("--commit quota\n"), std::string::npos) << finished.out;
  std::istringstream words(finished.out);
  Words again = {"config", "--preset", "llada", "--json"};
  for (std::string line; std::getline(words, line);) {
    const std::size_t space = line.find(' ');
    std::string value = space == std::string::npos ? "" : line.substr(space + 1);
    std::erase(value, '"');
    if (line.starts_with("--end-ids")) continue;  // of generate
    again.push_back(line.substr(0, space));
    if (space != std::string::npos) again.push_back(value);
  }
  const Finished first = testing::unmask({"config", "--preset", "llada", "--block", "8", "--json"});
  EXPECT_EQ(testing::unmask(again).out, first.out) << testing::unmask(again).err;
}

TEST(Config, KnowsNoOtherCommandsFlags) {
  EXPECT_EQ(testing::unmask({"config", "--seed", "3"}).status, 2);
  EXPECT_EQ(testing::unmask({"config", "--preset", "nothing"}).status, 2);
}

}  // namespace
}  // namespace unmask
