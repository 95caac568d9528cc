#include "cli/suggest.h"

#include <gtest/gtest.h>

#include <vector>

namespace unmask {
namespace {

TEST(Nearest, PrefersWhatWasBegunThenTheFewestChanges) {
  const std::vector<std::string> flags = {"temperature", "top-k", "top-p", "steps"};
  EXPECT_EQ(nearest("temp", flags), "temperature");
  EXPECT_EQ(nearest("tempreature", flags), "temperature");
  EXPECT_EQ(nearest("stpes", flags), "steps");
  EXPECT_EQ(nearest("colour", flags), std::nullopt);
  EXPECT_EQ(nearest("x", flags), std::nullopt);
}

}  // namespace
}  // namespace unmask
