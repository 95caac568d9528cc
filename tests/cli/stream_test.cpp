// --stream: the text as it settles.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/json.h"
#include "base/testing.h"
#include "cli/process.h"

namespace unmask {
namespace {

using testing::Finished;
using testing::operator+;
using testing::Words;

const Words kBlocks = {"Hello", "-n", "32", "--block", "4", "--no-end", "-t", "1"};

using Streaming = testing::EngineTest;

TEST_F(Streaming, WritesTheSameAnswer) {
  for (const Words& more : std::vector<Words>{
           {}, {"--order", "left"}, {"--block", "0"}, {"--temperature", "1", "--seed", "3"}}) {
    Words words = kBlocks;
    if (!more.empty() && more[0] == "--block") {
      words = {"Hello", "-n", "32", "--no-end", "-t", "1"};
    }
    const Finished whole = testing::unmask(words + more);
    const Finished streamed = testing::unmask(words + more + Words{"--stream"});
    EXPECT_EQ(streamed.status, 0) << streamed.err;
    EXPECT_EQ(streamed.out, whole.out);
    EXPECT_GT(streamed.out.size(), 8U);
  }
}

TEST_F(Streaming, HoldsBackTheBeginningOfAStopText) {
  const std::string text = testing::unmask(kBlocks).out;
  int cut = 0;
  for (std::size_t at = 4; at + 5 < text.size(); at += 7) {
    const Words stop = {"--stop", text.substr(at, 5)};
    const Finished whole = testing::unmask(kBlocks + stop);
    if (whole.status != 0) continue;  // not a text: cut within a character
    const Finished streamed = testing::unmask(kBlocks + stop + Words{"--stream"});
    EXPECT_EQ(streamed.out, whole.out);
    cut += whole.out.size() < text.size();
  }
  EXPECT_GT(cut, 1);
}

TEST_F(Streaming, WritesBeforeItIsDoneAndKeepsThatWhenInterrupted) {
  const testing::TemporaryFolder folder;
  const std::string whole =
      testing::unmask({"Hello", "-n", "200", "--block", "4", "--no-end", "-t", "1"}).out;
  testing::Launch launch;
  launch.arguments = {"Hello", "-n", "200", "--block", "4", "--no-end", "-t", "1", "--stream"};
  launch.output_path = folder / "out";
  launch.while_running = [&](pid_t process) {
    for (int i = 0; i < 10000; ++i) {
      std::error_code problem;
      if (std::filesystem::file_size(launch.output_path, problem) > 0 && !problem) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ::kill(process, SIGINT);
  };
  const Finished finished = testing::launch(launch);
  const std::string written = testing::content_of(folder / "out");
  EXPECT_EQ(finished.status, 130) << finished.err;
  EXPECT_GT(written.size(), 0U);
  EXPECT_LT(written.size(), whole.size());
  EXPECT_TRUE(whole.starts_with(written));
}

TEST_F(Streaming, IsRefusedWhereNothingSettlesOrNobodyReadsPieces) {
  for (const Words& more : std::vector<Words>{{"--json"},
                                              {"-o", "/tmp/never-written"},
                                              {"--num", "2"},
                                              {"--revise", "p2"},
                                              {"--verify-cache"}}) {
    const Finished finished = testing::unmask(kBlocks + more + Words{"--stream"});
    EXPECT_EQ(finished.status, 2) << more[0];
    EXPECT_NE(finished.err.find("--stream"), std::string::npos) << finished.err;
    EXPECT_EQ(finished.out, "");
  }
}

TEST_F(Streaming, NothingIsWrittenBehindAnEndToken) {
  const Finished ids = testing::unmask(kBlocks + Words{"--json"});
  const std::vector<int> written = parse_json(ids.out, "result")["ids"];
  Words words = {
      "Hello", "-n", "32", "--block", "4", "-t", "1", "--end-ids", std::to_string(written[9])};
  const Finished whole = testing::unmask(words);
  words.emplace_back("--stream");
  EXPECT_EQ(testing::unmask(words).out, whole.out);
}

}  // namespace
}  // namespace unmask
