// The command `generate` with its engine.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/json.h"
#include "base/testing.h"
#include "cli/process.h"

namespace unmask {
namespace {

using testing::Finished;
using testing::Launch;
using testing::launch;

using Words = std::vector<std::string>;

constexpr auto kFewTokens = {"-n", "8", "-s", "4", "-t", "1"};

Words with_few_tokens(Words arguments) {
  arguments.insert(arguments.end(), kFewTokens.begin(), kFewTokens.end());
  return arguments;
}

Finished generate(const Words& arguments) { return testing::unmask(with_few_tokens(arguments)); }

Json generate_json(Words arguments) {
  arguments.push_back("--json");
  const Finished finished = generate(arguments);
  EXPECT_EQ(finished.status, 0) << finished.err;
  return parse_json(finished.out, "result");
}

using Generate = testing::EngineTest;

TEST_F(Generate, PrintsTheAnswerAndOneLineBreakAndNothingElse) {
  const Finished finished = generate({"Hello"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.err, "");
  EXPECT_TRUE(finished.out.ends_with('\n'));
  EXPECT_FALSE(finished.out.ends_with("\n\n"));
  EXPECT_EQ(generate({"Hello"}).out, finished.out) << "temperature 0 is reproducible";
}

TEST_F(Generate, JsonHasAlwaysTheSameKeys) {
  const Words keys = {"schema", "text",     "ids",  "prompt_tokens", "generated_tokens", "finish",
                      "steps",  "forwards", "seed", "model",         "options",          "timing"};
  for (const Words& arguments : std::vector<Words>{{"Hello"}, {"Hello", "--raw", "--seed", "5"}}) {
    const Json json = generate_json(arguments);
    Words found;
    for (const auto& [key, value] : json.items()) found.push_back(key);
    Words sorted = keys;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(found, sorted);
    EXPECT_EQ(json["schema"], 1);
    EXPECT_EQ(json["ids"].size(), json["generated_tokens"]);
    EXPECT_EQ(json["options"]["length"], 8);
    EXPECT_EQ(json["model"]["family"], "llada");
  }
  EXPECT_TRUE(generate_json({"--ids", "1 2"}).contains("canvas"));
}

TEST_F(Generate, TextIsCutAtTheFirstEndToken) {
  // What comes out, with its third token declared the end.
  const Json whole = generate_json({"--ids", "7 8 9", "--end-ids", "319"});
  const std::vector<int> ids = whole["ids"];
  ASSERT_EQ(ids.size(), 8u);
  const auto third = std::find(ids.begin(), ids.end(), ids[2]) - ids.begin();
  const Json cut = generate_json({"--ids", "7 8 9", "--end-ids", std::to_string(ids[2])});
  EXPECT_EQ(cut["finish"], "end");
  EXPECT_EQ(cut["generated_tokens"], third);
  EXPECT_EQ(cut["canvas"], whole["canvas"]) << "the canvas is untrimmed";
  EXPECT_EQ(whole["finish"], "length");
}

TEST_F(Generate, SeedGivesTheSameAnswerAgain) {
  const Json first = generate_json({"Hello", "--temperature", "1"});
  const Json again = generate_json({"Hello", "--temperature", "1", "--seed", first["seed"].dump()});
  EXPECT_EQ(first["ids"], again["ids"]);
  const Json other = generate_json({"Hello", "--temperature", "1", "--seed", "12345"});
  EXPECT_NE(first["ids"], other["ids"]);
}

TEST_F(Generate, DraftsHaveTheSeedsThatFollow) {
  const Finished drafts =
      generate({"Hello", "--temperature", "1", "--seed", "7", "--num", "3", "--json"});
  std::istringstream lines(drafts.out);
  std::string line;
  int seed = 7;
  while (std::getline(lines, line)) {
    const Json draft = parse_json(line, "draft");
    EXPECT_EQ(draft["seed"], seed);
    const Json alone =
        generate_json({"Hello", "--temperature", "1", "--seed", std::to_string(seed)});
    EXPECT_EQ(draft["ids"], alone["ids"]) << "draft " << seed;
    ++seed;
  }
  EXPECT_EQ(seed, 10);
}

TEST_F(Generate, NoLengthIsAnEmptyText) {
  const Finished finished = testing::unmask({"Hello", "-n", "0", "-t", "1"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.out, "\n");
}

TEST_F(Generate, IsCutBeforeAStopTextThatSpansTokens) {
  const auto run = [](const std::vector<std::string>& stops) {
    std::vector<std::string> arguments{"Hello", "-n", "24", "--no-end", "-t", "1", "--json"};
    for (const std::string& stop : stops) arguments.insert(arguments.end(), {"--stop", stop});
    const Finished finished = testing::unmask(arguments);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return parse_json(finished.out, "result");
  };
  const Json whole = run({});
  const std::string text = whole["text"];
  EXPECT_EQ(whole["finish"], "length");
  // Four letters in a row: in this vocabulary more than one token.
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto letters = std::search_n(text.begin(), text.end(), 4, true,
                                     [&](char c, bool wanted) { return is_letter(c) == wanted; });
  ASSERT_NE(letters, text.end()) << text;
  const std::string stop(letters, letters + 4);

  const Json cut = run({"never written", stop});
  EXPECT_EQ(cut["finish"], "stop");
  EXPECT_EQ(cut["text"], text.substr(0, text.find(stop)));
  EXPECT_LT(cut["ids"].size(), whole["ids"].size());
  EXPECT_EQ(cut["generated_tokens"], cut["ids"].size());
  EXPECT_EQ(run({"never written"})["text"], text);
}

TEST_F(Generate, StopTextsAreFewAndNotEmpty) {
  EXPECT_EQ(testing::unmask({"Hello", "--stop", ""}).status, 2);
  std::vector<std::string> many{"Hello", "--dry-run"};
  for (int i = 0; i < 64; ++i) many.insert(many.end(), {"--stop", std::to_string(i)});
  EXPECT_EQ(testing::unmask(many).status, 0);
  many.insert(many.end(), {"--stop", "x"});
  EXPECT_EQ(testing::unmask(many).status, 2);
}

TEST_F(Generate, NoLengthWithOpenPositionsFillsThem) {
  for (const auto& [model, mask] : {std::pair{"dream", 309}, std::pair{"llada", 305}}) {
    const std::string hole = std::to_string(mask);
    const Finished finished =
        testing::unmask({"-m", testing::model_folder(model), "--ids", "5 " + hole + " 6 " + hole,
                         "--commit", "quota", "-n", "0", "-t", "1", "--json"});
    ASSERT_EQ(finished.status, 0) << finished.err;
    const Json json = parse_json(finished.out, "result");
    const std::vector<int> canvas = json["canvas"];
    ASSERT_EQ(canvas.size(), 4u);
    EXPECT_EQ(canvas[0], 5);
    EXPECT_EQ(canvas[2], 6);
    EXPECT_NE(canvas[1], mask);
    EXPECT_NE(canvas[3], mask);
    EXPECT_EQ(json["ids"], (Json{canvas[1], canvas[3]}));
  }
}

// S2
TEST_F(Generate, BlockNeedNotDivideTheLength) {
  EXPECT_EQ(testing::unmask({"Hello", "-n", "10", "--block", "4", "-t", "1"}).status, 0);
}

// S2
TEST_F(Generate, MoreStepsThanTokensIsMentioned) {
  const Finished finished = testing::unmask({"Hello", "-n", "4", "-s", "9", "-t", "1"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.err, "unmask: warning: 9 steps for 4 tokens: some will have nothing to do\n");
}

// S3
TEST_F(Generate, ExtremeTemperaturesGiveText) {
  for (const char* temperature : {"1e-30", "1e6", "1e300"}) {
    const Finished finished = generate({"Hello", "--temperature", temperature, "--seed", "1"});
    EXPECT_EQ(finished.status, 0) << temperature << finished.err;
  }
}

TEST_F(Generate, IdsThatTheModelLacksAreUsageErrors) {
  const Finished finished = generate({"--ids", "1 400"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.err.find("token id 400 at position 1"), std::string::npos) << finished.err;
}

// S1
TEST_F(Generate, NonFiniteLogitsAreStatusOneAndNameTheStep) {
  const testing::TemporaryFolder folder;
  std::filesystem::copy(testing::model_folder("llada"), folder / "model");
  const std::filesystem::path weights = folder / "model/model.safetensors";
  std::string bytes = testing::content_of(weights);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::uint64_t header = 0;  // the first weight, of a norm that every token passes
  std::memcpy(&header, bytes.data(), sizeof header);
  std::memcpy(bytes.data() + sizeof header + header, &nan, sizeof nan);
  folder.write("model/model.safetensors", bytes);
  const Finished finished = generate({"-m", folder / "model", "--raw", "Hello"});
  EXPECT_NE(finished.err.find("non-finite"), std::string::npos) << finished.err;
  EXPECT_EQ(finished.status, 1);
  EXPECT_EQ(finished.out, "");
  EXPECT_NE(finished.err.find("step"), std::string::npos) << finished.err;
  EXPECT_EQ(testing::unmask({"inspect", folder / "model"}).status, 0);
  const Finished checked =
      testing::unmask({"inspect", folder / "model", "--check-values", "--json"});
  EXPECT_EQ(checked.status, 3);
  EXPECT_EQ(parse_json(checked.out, "report")["non_finite_values"], 1);
}

TEST_F(Generate, WritesItsResultToAFile) {
  const testing::TemporaryFolder folder;
  const Finished finished = generate({"Hello", "-o", folder / "answer.txt"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.out, "");
  EXPECT_EQ(testing::content_of(folder / "answer.txt"), generate({"Hello"}).out);
}

TEST_F(Generate, EndsQuietlyWhereNobodyReads) {
  Launch closed;
  closed.arguments = with_few_tokens({"Hello"});
  closed.output_closed_early = true;
  const Finished finished = launch(closed);
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.err, "");
}

TEST_F(Generate, ReportsAFullDisk) {
  Launch full;
  full.arguments = with_few_tokens({"Hello"});
  full.output_path = "/dev/full";
  EXPECT_EQ(launch(full).status, 1);
  EXPECT_EQ(generate({"Hello", "--trace", "/dev/full"}).status, 1);
}

// R8
TEST_F(Generate, WorksWithoutAnyOfTheThreeStreams) {
  const testing::TemporaryFolder folder;
  Launch closing;
  closing.arguments = with_few_tokens({"Hello", "-o", folder / "answer.txt"});
  closing.closed = {0, 1, 2};
  EXPECT_EQ(launch(closing).status, 0);
  EXPECT_EQ(testing::content_of(folder / "answer.txt"), generate({"Hello"}).out);
}

TEST_F(Generate, StatsAreOneLineOnStandardError) {
  const Finished finished = generate({"Hello", "--stats"});
  EXPECT_EQ(finished.out, generate({"Hello"}).out);
  EXPECT_TRUE(finished.err.starts_with("load ")) << finished.err;
  EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
}

TEST_F(Generate, ShowsProgressOnATerminalAndRemovesIt) {
  const Finished shown = testing::unmask_on_terminal(with_few_tokens({"Hello"}));
  EXPECT_NE(shown.out.find("\rloading "), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("\r\x1b[K"), std::string::npos) << shown.out;
  const Finished quiet = testing::unmask_on_terminal(with_few_tokens({"Hello", "-q"}));
  EXPECT_EQ(quiet.out.find("\x1b["), std::string::npos) << quiet.out;
  const Finished dumb =
      testing::unmask_on_terminal(with_few_tokens({"Hello"}), "", {{"TERM", "dumb"}});
  EXPECT_EQ(dumb.out.find("\x1b["), std::string::npos) << dumb.out;
}

/// Many steps, which end only by a signal.
Launch long_run(std::function<void(pid_t)> while_running) {
  Launch run;
  run.arguments = {"Hello", "-n", "4000", "-s", "4000", "-t", "1"};
  run.while_running = std::move(while_running);
  return run;
}

TEST_F(Generate, InterruptedPrintsNothingAndIsSeenByTheShell) {
  const Finished finished = launch(long_run([](pid_t child) {
    std::this_thread::sleep_for(std::chrono::seconds(3));
    ::kill(child, SIGINT);
  }));
  EXPECT_EQ(finished.status, 130);
  EXPECT_TRUE(finished.by_signal) << "the default handler ends it";
  EXPECT_EQ(finished.out, "");
  EXPECT_EQ(finished.err, "unmask: interrupted\n");
}

TEST_F(Generate, TerminatedIsStatus130) {
  for (const int signal : {SIGTERM, SIGHUP}) {
    const Finished finished = launch(long_run([signal](pid_t child) {
      std::this_thread::sleep_for(std::chrono::seconds(3));
      ::kill(child, signal);
    }));
    EXPECT_EQ(finished.status, 130);
    EXPECT_EQ(finished.out, "");
  }
}

TEST_F(Generate, SecondSignalEndsItAtOnce) {
  const Finished finished = launch(long_run([](pid_t child) {
    std::this_thread::sleep_for(std::chrono::seconds(3));
    ::kill(child, SIGINT);
    ::kill(child, SIGTERM);
  }));
  EXPECT_EQ(finished.status, 130);
  EXPECT_FALSE(finished.by_signal) << "it exits instead of winding up and raising the first";
  EXPECT_EQ(finished.out, "");
}

}  // namespace
}  // namespace unmask
