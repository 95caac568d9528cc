#include "base/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace unmask {
namespace {

std::string stderr_of(void (*action)()) {
  ::testing::internal::CaptureStderr();
  action();
  log::set_level(log::Level::warning);
  return ::testing::internal::GetCapturedStderr();
}

TEST(Log, WritesOneLineWithThePrefixOfTheCommand) {
  EXPECT_EQ(stderr_of([] { log::error("no such file"); }), "unmask: no such file\n");
  EXPECT_EQ(stderr_of([] { log::warning("odd"); }), "unmask: warning: odd\n");
}

TEST(Log, KeepsInfoAndDebugToItselfUnlessAsked) {
  EXPECT_EQ(stderr_of([] {
              log::info("a");
              log::debug("b");
            }),
            "");
  EXPECT_EQ(stderr_of([] {
              log::set_level(log::Level::info);
              log::info("a");
              log::debug("b");
            }),
            "unmask: a\n");
  EXPECT_EQ(stderr_of([] {
              log::set_level(log::Level::debug);
              log::debug("b");
            }),
            "unmask: b\n");
}

TEST(Log, SaysWhichLevelsAreShown) {
  EXPECT_TRUE(log::enabled(log::Level::error));
  EXPECT_TRUE(log::enabled(log::Level::warning));
  EXPECT_FALSE(log::enabled(log::Level::info));
  EXPECT_FALSE(log::enabled(log::Level::debug));
}

TEST(Log, CanBeReducedToErrors) {
  EXPECT_EQ(stderr_of([] {
              log::set_level(log::Level::error);
              log::warning("odd");
              log::error("bad");
            }),
            "unmask: bad\n");
}

TEST(Log, DoesNotReadTextAsAFormat) {
  EXPECT_EQ(stderr_of([] { log::error("{} %v %s {0:d}"); }), "unmask: {} %v %s {0:d}\n");
}

TEST(LogDeathTest, SurvivesAClosedStderr) {
  EXPECT_EXIT(
      {
        ::close(STDERR_FILENO);
        log::error("nobody hears");
        ::_exit(0);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace unmask
