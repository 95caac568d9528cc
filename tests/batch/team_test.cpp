// Several processes answer one batch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <thread>

#include "base/free_port.h"
#include "base/json.h"
#include "base/testing.h"
#include "cli/process.h"

namespace unmask {
namespace {

using testing::Finished;
using ::testing::HasSubstr;
using testing::Launch;
using testing::TemporaryFolder;
using Words = std::vector<std::string>;
namespace fs = std::filesystem;

constexpr int kLines = 60;

/// Lines with and without an id, some blank, one wrong, one with the id of an earlier one.
std::string prompts() {
  std::string text;
  for (int i = 0; i < kLines; ++i) {
    text += "{\"id\":" + std::to_string(i) + ",\"prompt\":\"a word" + std::string(i % 5, '!') +
            "\",\"temperature\":" + (i % 2 == 0 ? "0}\n" : "0.9}\n");
    if (i % 10 == 3) text += "\n";
  }
  return text + "{wrong\n{\"id\":2,\"prompt\":\"again\"}\n{\"prompt\":\"last\"}\n";
}

class TeamTest : public testing::EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (IsSkipped()) return;
    folder_.write("in.jsonl", prompts());
  }

  std::string file(const std::string& name) const { return folder_.path() / name; }

  /// `batch in.jsonl -o OUT` with steps enough to be interrupted.
  Words command(const std::string& out, const Words& more = {}) const {
    Words words = {"batch", file("in.jsonl"),
                   "-o",    file(out),
                   "-n",    "32",
                   "-s",    "32",
                   "-t",    "1",
                   "-m",    testing::model_folder("llada")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  Launch rank(int rank, int size, Words words) const {
    Launch launch;
    launch.arguments = std::move(words);
    launch.environment = {{"UNMASK_RANK", std::to_string(rank)},
                          {"UNMASK_WORLD_SIZE", std::to_string(size)}};
    return launch;
  }

  /// All at once.
  static std::vector<Finished> run(const std::vector<Launch>& launches) {
    std::vector<Finished> finished(launches.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < launches.size(); ++i) {
      threads.emplace_back([&, i] { finished[i] = testing::launch(launches[i]); });
    }
    for (std::thread& thread : threads) thread.join();
    return finished;
  }

  std::vector<Finished> run_ranks(int size, const Words& words) const {
    std::vector<Launch> launches;
    for (int i = 0; i < size; ++i) launches.push_back(rank(i, size, words));
    return run(launches);
  }

  /// Once there are `bytes` in the file.
  static void wait_for(const fs::path& path, std::uintmax_t bytes) {
    for (int i = 0; i < 6000; ++i) {
      std::error_code problem;
      if (fs::file_size(path, problem) >= bytes && !problem) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ADD_FAILURE() << path << " has not grown to " << bytes << " bytes";
  }

  std::function<void(pid_t)> killed_at(const std::string& name, std::uintmax_t bytes) const {
    return [path = file(name), bytes](pid_t process) {
      wait_for(path, bytes);
      ::kill(process, SIGKILL);
    };
  }

  /// Its lines in their order, timing apart.
  std::vector<Json> output(const std::string& name) const {
    std::vector<Json> lines;
    std::istringstream stream(testing::content_of(file(name)));
    for (std::string line; std::getline(stream, line);) {
      lines.push_back(parse_json(line, name));
      lines.back().erase("timing");
    }
    return lines;
  }

  /// What one process makes of it.
  std::vector<Json> expected(const Words& more = {"--seed", "5"}) const {
    EXPECT_EQ(testing::unmask(command("alone.jsonl", more)).status, 4);
    return output("alone.jsonl");
  }

  void expect_nothing_else(const std::string& out) const {
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      const std::string name = entry.path().filename();
      EXPECT_FALSE(name.starts_with(out + ".part") || name.starts_with("store")) << name;
    }
  }

  TemporaryFolder folder_;
};

class EveryStore : public TeamTest, public ::testing::WithParamInterface<const char*> {
 protected:
  std::string place() const {
    return std::string(GetParam()) == "tcp" ? "127.0.0.1:" + std::to_string(testing::free_port())
                                            : file("store");
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, EveryStore, ::testing::Values("tcp", "file"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(EveryStore, SeveralProcessesWriteWhatOneWrites) {
  const std::vector<Json> alone = expected({"--seed", "5", "--report", file("alone.json")});
  const auto finished = run_ranks(3, command("out.jsonl", {"--seed", "5", "--store", place(),
                                                           "--report", file("report.json")}));
  EXPECT_EQ(finished[0].status, 4) << finished[0].err;
  EXPECT_THAT(finished[0].err, HasSubstr("63 lines: 61 done, 2 failed"));
  for (int i : {1, 2}) {
    EXPECT_EQ(finished[i].status, 0) << finished[i].err;
    EXPECT_EQ(finished[i].err, "") << "rank 0 speaks for all";
  }
  EXPECT_EQ(output("out.jsonl"), alone);
  expect_nothing_else("out.jsonl");
  const Json one = parse_json(testing::content_of(file("alone.json")), "alone");
  const Json all = parse_json(testing::content_of(file("report.json")), "report");
  for (const char* key : {"lines", "done", "failed", "skipped", "failed_before", "prompt_tokens",
                          "tokens", "forwards", "errors"}) {
    EXPECT_EQ(all[key], one[key]) << key;
  }
}

TEST_P(EveryStore, TheLinesOfARankThatIsKilledAreDoneByTheOthers) {
  Launch victim = rank(1, 2, command("out.jsonl", {"--seed", "5", "--store", place()}));
  Launch other = rank(0, 2, victim.arguments);
  victim.while_running = killed_at("out.jsonl.part-1", 1);
  const auto finished = run({other, victim});
  EXPECT_TRUE(finished[1].by_signal) << "killed in the middle of its work";
  EXPECT_EQ(finished[0].status, 4) << finished[0].err;
  EXPECT_THAT(finished[0].err, HasSubstr("63 lines: 61 done, 2 failed"));
  EXPECT_EQ(output("out.jsonl"), expected());
  expect_nothing_else("out.jsonl");
}

TEST_F(TeamTest, WhenRankZeroIsKilledTheOthersGoOnAndResumingEndsTheRun) {
  const Words words = command("out.jsonl", {"--store", file("store")});
  Launch victim = rank(0, 2, words);
  victim.while_running = killed_at("out.jsonl", 1);
  const auto finished = run({victim, rank(1, 2, words)});
  EXPECT_TRUE(finished[0].by_signal);
  EXPECT_EQ(finished[1].status, 0) << finished[1].err;
  EXPECT_GT(output("out.jsonl.part-1").size(), std::size_t{kLines / 2});
  const Finished resumed = testing::unmask(command("out.jsonl", {"--resume"}));
  EXPECT_EQ(resumed.status, 4) << resumed.err;
  const std::string seed =
      parse_json(testing::content_of(file("out.jsonl.unmask")), "fingerprint")["seed"].dump();
  EXPECT_EQ(output("out.jsonl"), expected({"--seed", seed})) << "the seed that rank 0 drew holds";
}

TEST_F(TeamTest, AnyNumberOfRanksGoesOnWhereOthersWereKilled) {
  const Words words = command("out.jsonl", {"--seed", "5", "--store", file("store")});
  std::vector<Launch> launches;
  for (int i = 0; i < 3; ++i) {
    launches.push_back(rank(i, 3, words));
    launches.back().while_running = killed_at(i == 0 ? "out.jsonl" : "out.jsonl.part-2", 1);
  }
  for (const Finished& finished : run(launches)) EXPECT_TRUE(finished.by_signal);
  const std::vector<Json> kept = output("out.jsonl");
  EXPECT_FALSE(kept.empty());
  const auto finished = run_ranks(2, command("out.jsonl", {"--resume", "--store", file("meet")}));
  EXPECT_EQ(finished[0].status, 4) << finished[0].err;
  EXPECT_THAT(finished[0].err, HasSubstr("done before"));
  EXPECT_EQ(output("out.jsonl"), expected());
  EXPECT_TRUE(fs::remove(file("store"))) << "of the run that was killed";
  EXPECT_TRUE(fs::remove(file("store.size")));
  expect_nothing_else("out.jsonl");
  EXPECT_FALSE(fs::exists(file("meet")));
}

TEST_F(TeamTest, WhatOneRankIsSlowWithTheOthersDo) {
  const Words words = command("out.jsonl", {"--seed", "5", "--store", file("store")});
  Launch slow = rank(0, 2, words);
  slow.while_running = [&](pid_t process) {
    wait_for(file("out.jsonl"), 1);
    ::kill(process, SIGSTOP);
    const auto all_that_is_left = testing::content_of(file("out.jsonl")).size() * 2;
    wait_for(file("out.jsonl.part-1"), all_that_is_left);
    ::kill(process, SIGCONT);
  };
  const auto finished = run({slow, rank(1, 2, words)});
  EXPECT_EQ(finished[0].status, 4) << finished[0].err;
  EXPECT_EQ(output("out.jsonl"), expected());
}

TEST_F(TeamTest, ARankThatComesLateFindsNothingToDo) {
  const Words words = command("out.jsonl", {"--seed", "5", "--store", file("store")});
  EXPECT_EQ(testing::launch(rank(0, 2, words)).status, 4);
  const std::string before = testing::content_of(file("out.jsonl"));
  const Finished late = testing::launch(rank(1, 2, words));
  EXPECT_EQ(late.status, 0) << late.err;
  EXPECT_EQ(testing::content_of(file("out.jsonl")), before);
  EXPECT_FALSE(fs::exists(file("out.jsonl.part-1")));
}

TEST_F(TeamTest, WhereRankZeroRefusesSoDoTheOthers) {
  folder_.write("out.jsonl", "{\"line\":1}\n");
  for (const Finished& finished : run_ranks(2, command("out.jsonl", {"--store", file("store")}))) {
    EXPECT_EQ(finished.status, 2) << finished.err;
    EXPECT_LT(finished.seconds, 60);
  }
  EXPECT_EQ(testing::content_of(file("out.jsonl")), "{\"line\":1}\n");
}

TEST_F(TeamTest, ARankWithAnotherCommandIsRefusedAndRankZeroDoesItAll) {
  const Words store = {"--seed", "5", "--store", file("store")};
  const auto finished =
      run({rank(0, 2, command("out.jsonl", store)),
           rank(1, 2, command("out.jsonl", {"--seed", "6", store[2], store[3]}))});
  EXPECT_EQ(finished[0].status, 4) << finished[0].err;
  EXPECT_EQ(finished[1].status, 2);
  EXPECT_THAT(finished[1].err, HasSubstr("seed was 5, is 6"));
  EXPECT_EQ(output("out.jsonl"), expected());
}

TEST_F(TeamTest, NeedsFilesThatCanBeShared) {
  Launch piped = rank(0, 2, {"batch", "-", "-o", file("out.jsonl"), "--store", file("store")});
  piped.input = "{\"prompt\":\"a\"}\n";
  const Finished without_input = testing::launch(piped);
  EXPECT_EQ(without_input.status, 2);
  EXPECT_THAT(without_input.err, HasSubstr("2 processes"));
  for (const Words& words : {Words{"batch", file("in.jsonl"), "--store", file("store")},
                             Words{"batch", file("in.jsonl"), "-o", "/dev/null"}}) {
    const Finished without_output = testing::launch(rank(0, 2, words));
    EXPECT_EQ(without_output.status, 2);
    EXPECT_THAT(without_output.err, HasSubstr("--output"));
  }
  const Finished without_place = testing::launch(rank(0, 2, command("out.jsonl")));
  EXPECT_EQ(without_place.status, 2);
  EXPECT_THAT(without_place.err, HasSubstr("--store"));
}

TEST_F(TeamTest, ASecondRunDoesNotTouchWhatTheFirstIsWriting) {
  Launch running = rank(1, 2, command("out.jsonl", {"--seed", "5", "--store", file("store")}));
  Launch dead = rank(0, 2, running.arguments);
  dead.while_running = killed_at("out.jsonl.part-1", 1);
  Finished second;
  running.while_running = [&](pid_t process) {
    wait_for(file("out.jsonl.part-1"), 1);
    ::kill(process, SIGSTOP);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));  // until rank 0 is dead
    second = testing::unmask(command("out.jsonl", {"--overwrite"}));
    ::kill(process, SIGCONT);
  };
  const auto finished = run({dead, running});
  EXPECT_TRUE(finished[0].by_signal);
  EXPECT_EQ(finished[1].status, 0) << finished[1].err;
  EXPECT_EQ(second.status, 2) << second.err;
  EXPECT_THAT(second.err, HasSubstr("is writing this file"));
}

}  // namespace
}  // namespace unmask
