#include "base/lazy.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace unmask {
namespace {

TEST(Lazy, IsNotMadeBeforeItIsAskedFor) {
  int made = 0;
  const Lazy<int> lazy;
  EXPECT_EQ(made, 0);
  const auto make = [&] { return ++made; };
  EXPECT_EQ(lazy.get(make), 1);
  EXPECT_EQ(lazy.get(make), 1);
}

TEST(Lazy, IsMadeOnceForAllThreads) {
  constexpr int kThreads = 8;
  const Lazy<std::vector<int>> lazy;
  std::atomic<int> made = 0, waiting = 0;
  std::vector<const int*> seen(kThreads);
  std::vector<std::thread> threads;
  for (const int*& mine : seen) {
    threads.emplace_back([&] {
      ++waiting;
      while (waiting < kThreads) std::this_thread::yield();
      mine = lazy.get([&] {
                   std::this_thread::sleep_for(std::chrono::milliseconds(20));
                   ++made;
                   return std::vector<int>(1000, 7);
                 })
                 .data();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(seen, std::vector<const int*>(kThreads, seen.front()));
}

TEST(Lazy, IsTriedAgainWhereMakingItFailed) {
  const Lazy<int> lazy;
  const auto fail = []() -> int { throw std::runtime_error("not yet"); };
  EXPECT_THROW(lazy.get(fail), std::runtime_error);
  EXPECT_EQ(lazy.get([] { return 3; }), 3);
  EXPECT_EQ(lazy.get(fail), 3);
}

}  // namespace
}  // namespace unmask
