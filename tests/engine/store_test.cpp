// Several processes and one store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <sstream>
#include <thread>

#include "base/free_port.h"
#include "engine/exports.h"
#include "unmask/error.h"

namespace unmask {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;
using Kind = StoreOptions::Kind;
using Clock = std::chrono::steady_clock;

constexpr int kKilled = -1;

std::unique_ptr<SharedStore> open_store(const StoreOptions& options) {
  return std::unique_ptr<SharedStore>(unmask_engine_open_store(options));
}

Error error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  return {ErrorCode::interrupted, "nothing was thrown"};
}

class StoreTest : public ::testing::TestWithParam<Kind> {
 protected:
  using Work = std::function<bool(SharedStore& store, int rank)>;

  StoreTest() {
    options_.kind = GetParam();
    options_.host = "127.0.0.1";
    options_.port = testing::free_port();
    options_.path =
        std::filesystem::path(::testing::TempDir()) /
        ("store_test." + std::to_string(::getpid()) + "." + std::to_string(options_.port));
    options_.timeout = 60s;
  }

  ~StoreTest() override {
    std::filesystem::remove(options_.path);
    std::filesystem::remove(sizes());
  }

  std::string sizes() const { return options_.path.string() + ".size"; }

  StoreOptions options(int rank, int world_size) const {
    StoreOptions options = options_;
    options.rank = rank;
    options.world_size = world_size;
    return options;
  }

  /// Each rank in a process of its own. What `work` returned: 1 for true; kKilled for a signal.
  std::vector<int> run_ranks(int world_size, const Work& work) const {
    std::vector<pid_t> children;
    for (int rank = 0; rank < world_size; ++rank) {
      children.push_back(::fork());
      if (children.back() != 0) continue;
      try {
        const auto store = open_store(options(rank, world_size));
        ::_exit(work(*store, rank) ? 1 : 0);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "rank %d: %s\n", rank, error.what());
        ::_exit(0);
      }
    }
    std::vector<int> ends;
    for (const pid_t child : children) {
      int status = 0;
      ::waitpid(child, &status, 0);
      ends.push_back(WIFEXITED(status) ? WEXITSTATUS(status) : kKilled);
    }
    return ends;
  }

  StoreOptions options_;
};

std::vector<std::string> keys(const std::string& name, int count) {
  std::vector<std::string> keys;
  for (int i = 0; i < count; ++i) keys.push_back(name + std::to_string(i));
  return keys;
}

TEST_P(StoreTest, ACounterGivesEveryNumberOnce) {
  constexpr int kRanks = 4, kEach = 100;
  const auto ends = run_ranks(kRanks, [](SharedStore& store, int rank) {
    std::string taken;
    for (int i = 0; i < kEach; ++i) taken += std::to_string(store.add("lines", 1)) + " ";
    store.set("taken " + std::to_string(rank), taken);
    if (rank > 0) return store.leave(0ms) == 0;

    const auto all = keys("taken ", kRanks);
    std::set<int> numbers;
    if (!store.wait(all, 30s)) return false;
    for (const std::string& key : all) {
      std::istringstream text(*store.get(key));
      for (int number; text >> number;) numbers.insert(number);
    }
    return numbers.size() == kRanks * kEach && *numbers.begin() == 1 &&
           *numbers.rbegin() == kRanks * kEach && store.leave(30s) == 0;
  });
  EXPECT_EQ(ends, std::vector<int>(kRanks, 1));
  EXPECT_FALSE(std::filesystem::exists(options_.path)) << "the last one takes the file away";
  EXPECT_FALSE(std::filesystem::exists(sizes()));
}

TEST_P(StoreTest, ATextIsThereOnceItIsSetAndAskingDoesNotWait) {
  const auto store = open_store(options(0, 1));
  const auto begin = Clock::now();
  EXPECT_EQ(store->get("part"), std::nullopt);
  EXPECT_LT(Clock::now() - begin, 5s);
  for (const std::string& text : {std::string("\0\n\xff", 3), std::string(), std::string("last")}) {
    store->set("part", text);
    EXPECT_EQ(store->get("part"), text);
  }
  EXPECT_EQ(store->add("part", 5), 5) << "counters have names of their own";
  EXPECT_EQ(store->add("part", -2), 3);
  EXPECT_EQ(store->get("part"), "last");
  EXPECT_EQ(store->leave(0ms), 0);
}

TEST_P(StoreTest, WaitingEndsWhenAllAreSetOrTheTimeIsOver) {
  const auto ends = run_ranks(2, [](SharedStore& store, int rank) {
    const auto both = keys("done ", 2);
    store.set(both[rank], "");
    if (rank == 1) {
      const bool came = store.wait(both, 30s);
      const std::vector<std::string> never{both[0], "never"};
      const auto begin = Clock::now();
      const bool waited = !store.wait(never, 300ms) && Clock::now() - begin >= 300ms;
      return store.leave(0ms) == 0 && came && waited;
    }
    return store.leave(30s) == 0;
  });
  EXPECT_EQ(ends, (std::vector<int>{1, 1}));
}

TEST_P(StoreTest, ARankThatDiesHoldsNobodyUpForEver) {
  const auto ends = run_ranks(3, [](SharedStore& store, int rank) {
    if (rank == 2) {
      store.add("begun", 1);
      ::raise(SIGKILL);
    }
    while (store.add("begun", 0) == 0) std::this_thread::sleep_for(10ms);
    const bool goes_on = store.add("lines", 1) > 0;
    return goes_on && store.leave(rank == 0 ? 2000ms : 0ms) == (rank == 0 ? 1 : 0);
  });
  EXPECT_EQ(ends, (std::vector<int>{1, 1, kKilled}));
}

TEST_P(StoreTest, RefusesARankThatIsNotOneOfTheRun) {
  for (const auto& [rank, size] : {std::pair(2, 2), {-1, 2}, {0, 0}}) {
    const Error error =
        error_of([&, rank = rank, size = size] { open_store(options(rank, size)); });
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_THAT(error.what(), HasSubstr("rank " + std::to_string(rank)));
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, StoreTest, ::testing::Values(Kind::tcp, Kind::file),
                         [](const auto& info) { return info.param == Kind::tcp ? "Tcp" : "File"; });

class TcpStore : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Only, TcpStore, ::testing::Values(Kind::tcp));

TEST_P(TcpStore, SaysWhereRankZeroWasLookedForInVain) {
  StoreOptions nobody = options(1, 2);
  nobody.timeout = 1s;
  const auto begin = Clock::now();
  ::testing::internal::CaptureStderr();
  const Error error = error_of([&] { open_store(nobody); });
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "") << "libtorch has words of its own";
  EXPECT_LT(Clock::now() - begin, 20s);
  EXPECT_EQ(error.code(), ErrorCode::resource);
  EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:" + std::to_string(nobody.port)));
  EXPECT_THAT(error.hint(), HasSubstr("rank 0"));
}

TEST_P(TcpStore, SaysThatAPortIsTaken) {
  const auto ours = open_store(options(0, 1));
  const Error error = error_of([&] { open_store(options(0, 1)); });
  EXPECT_EQ(error.code(), ErrorCode::resource);
  EXPECT_THAT(error.what(), HasSubstr(std::to_string(options_.port)));
  EXPECT_THAT(error.hint(), HasSubstr("another port"));
}

TEST_P(TcpStore, WhenRankZeroDiesTheOthersGetAnError) {
  const auto ends = run_ranks(2, [](SharedStore& store, int rank) {
    if (rank == 0) {
      const std::vector<std::string> other{"here"};
      if (store.wait(other, 30s)) ::raise(SIGKILL);
    }
    store.set("here", "");
    const auto keeps_on = [&] {
      for (;;) store.add("lines", 1);
    };
    // Time and again: the first write to a closed connection is not the one that raises SIGPIPE.
    bool said = true;
    for (int i = 0; i < 3; ++i) said &= error_of(keeps_on).code() == ErrorCode::resource;
    return said;
  });
  EXPECT_EQ(ends, (std::vector<int>{kKilled, 1}));
}

TEST_P(TcpStore, RefusesWhatIsNoAddress) {
  StoreOptions wrong = options(0, 1);
  wrong.port = 65536;
  EXPECT_EQ(error_of([&] { open_store(wrong); }).code(), ErrorCode::usage);
  wrong = options(0, 1);
  wrong.host = "";
  EXPECT_EQ(error_of([&] { open_store(wrong); }).code(), ErrorCode::usage);
}

class FileStore : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Only, FileStore, ::testing::Values(Kind::file));

TEST_P(FileStore, RefusesTheFileOfAnotherRun) {
  open_store(options(0, 2))->add("lines", 7);
  const Error error = error_of([&] { open_store(options(0, 2)); });
  EXPECT_EQ(error.code(), ErrorCode::usage);
  EXPECT_THAT(error.what(), HasSubstr(options_.path.filename().string()));
  EXPECT_EQ(open_store(options(1, 2))->add("lines", 1), 8) << "another rank may come at any time";
}

TEST_P(FileStore, RefusesAFolderThatIsNotThere) {
  StoreOptions lost = options(0, 1);
  lost.path = lost.path / "file";
  EXPECT_EQ(error_of([&] { open_store(lost); }).code(), ErrorCode::usage);
}

TEST_P(FileStore, RefusesAFileThatIsNoStoreAndLeavesItAsItWas) {
  std::ofstream(options_.path) << "{\"prompt\":\"a\"}\n";
  const Error error = error_of([&] { open_store(options(0, 1)); });
  EXPECT_EQ(error.code(), ErrorCode::usage);
  EXPECT_THAT(error.what(), HasSubstr(options_.path.filename().string()));
  EXPECT_EQ(std::filesystem::file_size(options_.path), 15);
  EXPECT_FALSE(std::filesystem::exists(sizes()));
  StoreOptions device = options(0, 1);
  device.path = "/dev/null";
  EXPECT_EQ(error_of([&] { open_store(device); }).code(), ErrorCode::usage);
}

TEST_P(FileStore, SaysThatItCannotWrite) {
  StoreOptions lost = options(0, 1);
  const std::string too_long(300, 's');
  for (const std::string& path : {std::string("/proc/store"), ::testing::TempDir() + too_long}) {
    lost.path = path;
    const Error error = error_of([&] { open_store(lost); });
    EXPECT_EQ(error.code(), ErrorCode::resource);
    EXPECT_THAT(error.what(), HasSubstr(path));
  }
}

TEST_P(FileStore, WhatWasLeftHalfWrittenDoesNotCount) {
  const auto ends = run_ranks(1, [this](SharedStore& store, int) {
    store.add("lines", 5);
    std::ofstream(options_.path, std::ios::app) << std::string("\x0e\0\0\0/count", 10);
    ::alarm(30);  // c10d would read on for ever
    return store.add("lines", 1) == 6 && open_store(options(1, 2))->add("lines", 0) == 6;
  });
  EXPECT_EQ(ends, std::vector<int>{1});
}

TEST_P(FileStore, RanksThatAreKilledInTheMiddleOfACallHoldNobodyUp) {
  constexpr int kVictims = 50;
  const auto ends = run_ranks(1, [this](SharedStore& store, int) {
    std::int64_t last = 0;
    for (int i = 1; i <= kVictims; ++i) {
      const pid_t victim = ::fork();
      if (victim == 0) {
        const auto theirs = open_store(options(i, kVictims + 1));
        for (;;) theirs->add("lines", 1);
      }
      ::alarm(30);
      while (store.add("lines", 0) == last) std::this_thread::sleep_for(1ms);
      std::this_thread::sleep_for(std::chrono::microseconds(1000 + 37 * i));
      ::kill(victim, SIGKILL);
      ::waitpid(victim, nullptr, 0);
      last = store.add("lines", 0);
    }
    return store.add("lines", 1) == last + 1;
  });
  EXPECT_EQ(ends, std::vector<int>{1});
}

}  // namespace
}  // namespace unmask
