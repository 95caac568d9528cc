#include "base/interrupt.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "unmask/error.h"

namespace unmask {
namespace {

TEST(Interrupt, NothingIsAskedForAtFirst) {
  EXPECT_FALSE(interrupt_requested());
  EXPECT_NO_THROW(throw_if_interrupted());
}

// In a child process, because the flag is never taken back.
TEST(InterruptDeathTest, IsThrownAsAnErrorAfterASignal) {
  const auto interrupted = [] {
    ::signal(SIGUSR1, [](int) { request_interrupt(); });
    ::raise(SIGUSR1);
    try {
      throw_if_interrupted();
    } catch (const Error& error) {
      ::_exit(interrupt_requested() ? static_cast<int>(error.code()) : 1);
    }
    ::_exit(2);
  };
  EXPECT_EXIT(interrupted(), ::testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace unmask
