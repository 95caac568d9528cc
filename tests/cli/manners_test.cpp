// Manners in a shell that need no model: exit codes, streams, descriptors, terminals.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/json.h"
#include "base/testing.h"
#include "cli/process.h"
#include "unmask/version.h"

namespace unmask {
namespace {

using testing::Finished;
using testing::Launch;
using testing::launch;
using testing::unmask;
using testing::unmask_on_terminal;

using Words = std::vector<std::string>;

TEST(Help, IsOnStandardOutputAndQuick) {
  double fastest = 1;
  for (int i = 0; i < 5; ++i) {
    const Finished finished = unmask({"--help"});
    EXPECT_EQ(finished.status, 0);
    EXPECT_EQ(finished.err, "");
    EXPECT_NE(finished.out.find("--temperature T"), std::string::npos);
    fastest = std::min(fastest, finished.seconds);
  }
  EXPECT_LT(fastest, 0.5) << "20 ms on an idle machine; libtorch alone would take longer";
}

TEST(Help, OfACommandShowsItsFlagsOnly) {
  const std::string help = unmask({"tokenize", "--help"}).out;
  EXPECT_NE(help.find("--chat-format"), std::string::npos);
  EXPECT_EQ(help.find("--temperature"), std::string::npos);
  EXPECT_EQ(unmask({"help", "tokenize"}).out, help);
}

TEST(Help, IsColouredOnATerminalOnlyIfWanted) {
  const std::string bold = "\x1b[1m";
  EXPECT_NE(unmask_on_terminal({"--help"}).out.find(bold), std::string::npos);
  EXPECT_EQ(unmask_on_terminal({"--help"}, "", {{"NO_COLOR", "1"}}).out.find(bold),
            std::string::npos);
  EXPECT_EQ(unmask_on_terminal({"--help"}, "", {{"TERM", "dumb"}}).out.find(bold),
            std::string::npos);
  EXPECT_EQ(unmask_on_terminal({"--help", "--color", "never"}).out.find(bold), std::string::npos);
  EXPECT_EQ(unmask({"--help"}).out.find(bold), std::string::npos);
  EXPECT_NE(unmask({"--help", "--color", "always"}).out.find(bold), std::string::npos);
}

TEST(Version, IsPlainOrJson) {
  EXPECT_TRUE(unmask({"--version"}).out.starts_with(std::string("unmask ") + kVersion + "\n"));
  const Json json = parse_json(unmask({"--version", "--json"}).out, "version");
  EXPECT_EQ(json["version"], kVersion);
  EXPECT_EQ(json["schema"], 1);
}

TEST(NoPrompt, OnATerminalIsAShortHelpAndStatusTwo) {
  const Finished finished = unmask_on_terminal({});
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.out.find("unmask \"Once upon a time\""), std::string::npos);
  const Finished nothing = unmask({});
  EXPECT_EQ(nothing.status, 2);
  EXPECT_EQ(nothing.out, "");
}

// R9
TEST(UsageErrors, AreStatusTwoWithASuggestionAndNothingOnStandardOutput) {
  for (const Words& bad : std::vector<Words>{{"x", "--sedd", "1"},
                                             {"x", "--steps"},
                                             {"x", "-n", "1", "-n", "2"},
                                             {"x", "--temperature=abc"},
                                             {"tokenize", "x", "--steps", "3"},
                                             {"chat", "x"}}) {
    const Finished finished = unmask(bad);
    EXPECT_EQ(finished.status, 2) << finished.err;
    EXPECT_EQ(finished.out, "");
    EXPECT_TRUE(finished.err.starts_with("unmask: ")) << finished.err;
  }
  EXPECT_EQ(unmask({"x", "--sedd", "1"}).err,
            "unmask: there is no flag --sedd\n  did you mean --seed?\n");
}

// R4
TEST(Threads, OutOfRangeAreUsageErrors) {
  EXPECT_EQ(unmask({"x", "-t", "-1"}).status, 2);
  EXPECT_EQ(unmask({"x", "-t", "10000"}).status, 2);
  EXPECT_EQ(unmask({"x", "-t", "0", "--dry-run"}).status, 0);
}

// R5
TEST(Device, CudaIsRefusedAndAutoIsTheCpu) {
  const Finished cuda = unmask({"x", "--device", "cuda"});
  EXPECT_EQ(cuda.status, 5);
  EXPECT_EQ(cuda.err,
            "unmask: this version computes on the CPU only\n"
            "  leave --device out, or pass --device cpu\n");
  EXPECT_EQ(unmask({"x", "--device", "auto", "--dry-run"}).status, 0);
}

// R6
TEST(Locale, DoesNotChangeNumbers) {
  for (const char* locale : {"C", "de_DE.UTF-8", "tr_TR.UTF-8"}) {
    Launch dry;
    dry.arguments = {"x", "--dry-run", "--temperature", "0.7", "--schedule", "dream:0.25"};
    dry.environment = {{"LC_ALL", locale}};
    const Finished finished = launch(dry);
    ASSERT_EQ(finished.status, 0) << finished.err;
    EXPECT_NE(finished.out.find("\"temperature\":0.7,"), std::string::npos) << finished.out;
    EXPECT_NE(finished.out.find("\"dream:0.25\""), std::string::npos) << finished.out;
  }
}

// R8
TEST(ClosedDescriptors, AreReplacedByTheNullDevice) {
  for (const std::vector<int>& closed : std::vector<std::vector<int>>{{0}, {1}, {2}, {0, 1, 2}}) {
    Launch closing;
    closing.arguments = {"tokenize", "hello"};
    closing.closed = closed;
    EXPECT_EQ(launch(closing).status, 0);
  }
}

// R8
TEST(ClosedDescriptors, NeverSendOutputIntoAFileOfOurs) {
  const testing::TemporaryFolder folder;
  Launch closing;
  closing.arguments = {"tokenize", "hello", "-o", folder.path() / "ids"};
  closing.closed = {0, 1, 2};
  EXPECT_EQ(launch(closing).status, 0);
  EXPECT_EQ(testing::content_of(folder.path() / "ids"), unmask({"tokenize", "hello"}).out);
}

TEST(ClosedPipe, EndsQuietlyWithStatusZero) {
  Launch closed;
  closed.arguments = {"tokenize", "hello"};
  closed.output_closed_early = true;
  const Finished finished = launch(closed);
  EXPECT_EQ(finished.status, 0);
  EXPECT_FALSE(finished.by_signal);
  EXPECT_EQ(finished.err, "");
}

TEST(FullDisk, IsStatusOne) {
  for (const Words& arguments :
       std::vector<Words>{{"tokenize", "hello"}, {"--help"}, {"inspect"}}) {
    Launch full;
    full.arguments = arguments;
    full.output_path = "/dev/full";
    const Finished finished = launch(full);
    EXPECT_EQ(finished.status, 1);
    EXPECT_EQ(finished.err, "unmask: standard output: cannot write: No space left on device\n");
  }
  EXPECT_EQ(unmask({"tokenize", "hello", "-o", "/dev/full"}).status, 1);
}

TEST(OutputFile, InAFolderThatIsNotThereIsAnErrorBeforeAnyWork) {
  const Finished finished = unmask({"hello", "-m", "/nowhere", "-o", "/nowhere/at/all"});
  EXPECT_EQ(finished.status, 1) << "the output is looked at before the model";
  EXPECT_NE(finished.err.find("/nowhere/at/all: cannot write"), std::string::npos) << finished.err;
}

TEST(SilentInput, IsMentionedAfterTwoSecondsAndCanBeInterrupted) {
  Launch silent;
  silent.arguments = {"hello", "--dry-run"};
  silent.silent_input = true;
  silent.while_running = [](pid_t child) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3500));
    ::kill(child, SIGINT);
  };
  const Finished finished = launch(silent);
  EXPECT_EQ(finished.status, 130);
  EXPECT_EQ(finished.out, "");
  EXPECT_TRUE(
      finished.err.starts_with("unmask: reading the prompt from standard input (Ctrl-D to end)\n"))
      << finished.err;
}

TEST(SilentInput, IsLeftAloneWhereAskedTo) {
  for (const Words& arguments : std::vector<Words>{
           {"hello", "--dry-run", "--no-stdin"}, {"--ids", "1 2", "--dry-run"}, {"inspect"}}) {
    Launch silent;
    silent.arguments = arguments;
    silent.silent_input = true;
    EXPECT_EQ(launch(silent).status, 0);
  }
}

TEST(TerminalInput, IsReadWhereADashAsksForIt) {
  const Finished finished = unmask_on_terminal({"tokenize", "-"}, "hi\n\x04");
  EXPECT_EQ(finished.status, 0);
  EXPECT_NE(finished.out.find("104 105"), std::string::npos) << finished.out;
}

TEST(Model, ThatIsNotThereIsStatusThreeAndNamesThePlaces) {
  const Finished named = unmask({"hello", "-m", "/nowhere/at/all"});
  EXPECT_EQ(named.status, 3);
  EXPECT_NE(named.err.find("/nowhere/at/all"), std::string::npos) << named.err;
  EXPECT_EQ(unmask({"hello", "-m", ""}).status, 2) << "an unset variable is not the shipped model";
}

TEST(Model, NeedBeNothingButATokenizerToTokenize) {
  const testing::TemporaryFolder folder;
  std::filesystem::copy(testing::model_folder("llada") + "/tokenizer.json",
                        folder / "tokenizer.json");
  const std::string model = folder.path();
  EXPECT_EQ(unmask({"tokenize", "-m", model, "hello"}).out, unmask({"tokenize", "hello"}).out);
  EXPECT_EQ(unmask({"detokenize", "-m", model, "104 105"}).out, "hi\n");
  EXPECT_EQ(unmask({"-m", model, "hello"}).status, 3);
}

/// The program without its engine in a folder of its own, to see what it finds around itself.
class Installed : public ::testing::Test {
 protected:
  void SetUp() override {
    namespace fs = std::filesystem;
    fs::create_directory(folder_ / "bin");
    const fs::path built = fs::path(UNMASK_BINARY).parent_path();
    for (const char* file : {"unmask", "libunmask_base.so"}) {
      fs::copy(built / file, folder_ / "bin" / file);
    }
    launch_.program = folder_ / "bin/unmask";
    launch_.environment = {{"UNMASK_MODEL", ""}};
  }

  void add_model(const std::string& place) {
    std::filesystem::create_directories((folder_ / place).parent_path());
    std::filesystem::copy(testing::model_folder("llada"), folder_ / place);
  }

  Finished run(const Words& arguments) {
    launch_.arguments = arguments;
    return launch(launch_);
  }

  testing::TemporaryFolder folder_;
  Launch launch_;
};

TEST_F(Installed, FindsTheModelThatShipsWithIt) {
  const Finished none = run({"tokenize", "hello"});
  EXPECT_EQ(none.status, 3);
  EXPECT_NE(none.err.find("share/unmask/models\n  name one with -m DIR"), std::string::npos)
      << none.err;
  add_model("share/unmask/models/first");
  EXPECT_EQ(run({"tokenize", "hello"}).out, unmask({"tokenize", "hello"}).out);
  add_model("share/unmask/models/second");
  const Finished two = run({"tokenize", "hello"});
  EXPECT_EQ(two.status, 3);
  EXPECT_NE(two.err.find("holds 2 models"), std::string::npos) << two.err;
}

TEST_F(Installed, SaysWhereTheEngineIsExpected) {
  add_model("models/only");
  const Finished finished = run({"hello", "-n", "4"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_EQ(finished.out, "");
  EXPECT_NE(finished.err.find("cannot open the engine"), std::string::npos) << finished.err;
  EXPECT_NE(finished.err.find(folder_ / "bin/libunmask_engine.so"), std::string::npos);
  EXPECT_EQ(run({"hello", "--dry-run"}).status, 0) << "needs no engine";
}

}  // namespace
}  // namespace unmask
