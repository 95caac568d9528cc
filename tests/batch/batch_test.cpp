// The command `batch` with its engine.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "base/json.h"
#include "base/testing.h"
#include "cli/process.h"

namespace unmask {
namespace {

using testing::Finished;
using testing::launch;
using testing::TemporaryFolder;

using Words = std::vector<std::string>;

/// The llada fixture has a tokenizer and no chat format.
class Batch : public testing::EngineTest {
 protected:
  std::string file(const std::string& name) const { return folder_.path() / name; }

  std::string input(const std::string& text) const {
    folder_.write("in.jsonl", text);
    return file("in.jsonl");
  }

  /// Runs `batch INPUT -o out.jsonl` with few tokens.
  Finished run(const std::string& in, Words more = {}) const {
    Words words = {"batch", in, "-o", file("out.jsonl"), "-n", "8", "-t", "1", "--seed", "5"};
    words.insert(words.end(), more.begin(), more.end());
    return testing::unmask(words);
  }

  std::vector<Json> output() const { return lines_of(testing::content_of(file("out.jsonl"))); }

  static std::vector<Json> lines_of(const std::string& text) {
    std::vector<Json> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
      lines.push_back(parse_json(line, "out"));
    }
    return lines;
  }

  TemporaryFolder folder_;
};

/// Prompts of unequal length, some with options of their own.
std::string many_prompts(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    std::string words;
    for (int word = 0; word <= i % 5; ++word) words += "word" + std::to_string(i) + " ";
    text += R"({"id":"p)" + std::to_string(i) + R"(","prompt":")" + words + "\"";
    if (i % 3 == 1) text += R"(,"temperature":0.8)";
    if (i % 4 == 2) text += R"(,"length":)" + std::to_string(3 + i);
    text += "}\n";
  }
  return text;
}

TEST_F(Batch, AnswersEveryLineInTheInputsOrder) {
  const Finished finished = run(input(many_prompts(12)));
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.out, "");
  EXPECT_NE(finished.err.find("12 lines"), std::string::npos) << finished.err;
  const std::vector<Json> lines = output();
  ASSERT_EQ(lines.size(), 12u);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i]["line"], i + 1);
    EXPECT_EQ(lines[i]["id"], "p" + std::to_string(i));
    EXPECT_TRUE(lines[i]["text"].is_string());
    EXPECT_EQ(lines[i]["options"]["length"], i % 4 == 2 ? 3 + i : 8);
  }
}

TEST_F(Batch, WritesWhatTheSamePromptGetsAlone) {
  run(input("{\"prompt\":\"Once upon\",\"temperature\":1}\n{\"prompt\":\"Once upon\"}\n"));
  const std::vector<Json> lines = output();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_NE(lines[0]["text"], lines[1]["text"]);
  for (const Json& line : lines) {
    const Finished alone =
        testing::unmask({"Once upon", "-n", "8", "-t", "1", "--seed", line["seed"].dump(),
                         "--temperature", line["options"]["temperature"].dump(), "--json"});
    const Json result = parse_json(alone.out, "alone");
    EXPECT_EQ(line["text"], result["text"]);
    EXPECT_EQ(line["ids"], result["ids"]);
    EXPECT_EQ(line["forwards"], result["forwards"]);
    for (const auto& [key, value] : result.items()) EXPECT_TRUE(line.contains(key)) << key;
  }
}

TEST_F(Batch, NeitherNeighboursNorOrderChangeWhatALineGets) {
  std::vector<std::string> prompts;
  std::istringstream stream(many_prompts(16));
  for (std::string line; std::getline(stream, line);) prompts.push_back(line);
  std::map<Json, Json> expected;
  for (const char* size : {"1", "2", "4", "8"}) {
    std::string text;
    for (const std::string& line : prompts) text += line + '\n';
    ASSERT_EQ(run(input(text), {"--overwrite", "--batch", size}).status, 0);
    for (const Json& line : output()) {
      const auto [place, is_new] = expected.emplace(line["id"], line["ids"]);
      EXPECT_EQ(place->second, line["ids"]) << line["id"] << " in batches of " << size;
    }
    std::rotate(prompts.begin(), prompts.begin() + 5, prompts.end());
  }
  ASSERT_EQ(run(input(many_prompts(16)), {"--overwrite", "--batch-tokens", "30"}).status, 0);
  for (const Json& line : output()) EXPECT_EQ(expected[line["id"]], line["ids"]);
}

TEST_F(Batch, ABadLineIsAnErrorInItsPlaceAndTheRunGoesOn) {
  const Finished finished =
      run(input("\xEF\xBB\xBF{\"prompt\":\"a\"}\r\n"
                "\n"
                "{\"prompt\":\"b\",}\n"
                "{\"id\":\"c\",\"prompt\":\"c\",\"length\":0.5}\n"
                "{\"id\":\"d\",\"ids\":[99999]}\n"
                "{\"id\":\"c\",\"prompt\":\"again\"}\n"
                "{\"prompt\":\"e\"}"));
  EXPECT_EQ(finished.status, 4);
  const std::vector<Json> lines = output();
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_TRUE(lines[0].contains("text"));
  EXPECT_EQ(lines[1]["line"], 3);
  EXPECT_EQ(lines[1]["id"], "line-3");
  EXPECT_EQ(lines[1]["error"]["code"], "usage");
  EXPECT_EQ(lines[1]["error"]["column"], 15);
  EXPECT_EQ(lines[2]["id"], "c");
  EXPECT_EQ(lines[3]["id"], "d");
  EXPECT_NE(lines[3]["error"]["message"].get<std::string>().find("99999"), std::string::npos);
  EXPECT_NE(lines[4]["error"]["message"].get<std::string>().find("earlier line"),
            std::string::npos);
  EXPECT_TRUE(lines[5].contains("text"));
  EXPECT_NE(finished.err.find("4 failed"), std::string::npos) << finished.err;
}

TEST_F(Batch, WarnsOnceAboutAKeyThatMeansNothing) {
  const Finished finished =
      run(input("{\"prompt\":\"a\",\"colour\":1}\n{\"prompt\":\"b\",\"colour\":2}\n"));
  EXPECT_EQ(finished.status, 0);
  const auto first = finished.err.find("'colour'");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(finished.err.find("'colour'", first + 1), std::string::npos);
}

TEST_F(Batch, StrictDoesNothingUnlessAllLinesAreFine) {
  const Finished finished = run(
      input("{\"prompt\":\"a\"}\n{\"prompt\":1}\n{\"prompt\":\"b\",\"top_k\":-1}\n"), {"--strict"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.err.find("line 2"), std::string::npos) << finished.err;
  EXPECT_NE(finished.err.find("line 3"), std::string::npos) << finished.err;
  EXPECT_FALSE(std::filesystem::exists(file("out.jsonl")));
  EXPECT_EQ(run(input("{\"prompt\":\"a\"}\n"), {"--strict"}).status, 0);
}

TEST_F(Batch, AnEmptyInputGivesAnEmptyOutput) {
  EXPECT_EQ(run(input("")).status, 0);
  EXPECT_EQ(testing::content_of(file("out.jsonl")), "");
}

TEST_F(Batch, TakesPlainLines) {
  EXPECT_EQ(run(input("One\n\nTwo {}\n"), {"--lines"}).status, 0);
  const std::vector<Json> lines = output();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1]["id"], "line-3");
}

TEST_F(Batch, WritesSeveralDraftsOfALine) {
  run(input("{\"prompt\":\"a\",\"num\":3,\"temperature\":1}\n"));
  const std::vector<Json> lines = output();
  ASSERT_EQ(lines.size(), 1u);
  ASSERT_EQ(lines[0]["drafts"].size(), 3u);
  EXPECT_NE(lines[0]["drafts"][0]["ids"], lines[0]["drafts"][1]["ids"]);
  EXPECT_EQ(lines[0]["drafts"][2]["seed"], lines[0]["drafts"][0]["seed"].get<std::uint64_t>() + 2);
}

TEST_F(Batch, AnswersOpenAiLinesInTheirForm) {
  const std::string chat = R"("body":{"messages":[{"role":"user","content":"Hi"}],"n":)";
  const Finished finished =
      run(input(R"({"custom_id":"r1","method":"POST","url":"/v1/completions",)"
                R"("body":{"model":"model","prompt":"Once","max_tokens":5}})"
                "\n"
                R"({"custom_id":"r2","url":"/v1/chat/completions",)" +
                chat + "2}}\n" + R"({"custom_id":"r3",)" + chat + "0}}\n"));
  EXPECT_EQ(finished.status, 4);
  const std::vector<Json> lines = output();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["custom_id"], "r1");
  EXPECT_TRUE(lines[0]["error"].is_null());
  EXPECT_EQ(lines[0]["response"]["status_code"], 200);
  const Json& text = lines[0]["response"]["body"];
  EXPECT_EQ(text["object"], "text_completion");
  EXPECT_TRUE(text["choices"][0]["text"].is_string());
  EXPECT_EQ(
      text["usage"]["total_tokens"].get<int>(),
      text["usage"]["prompt_tokens"].get<int>() + text["usage"]["completion_tokens"].get<int>());
  const Json& talk = lines[1]["response"]["body"];
  EXPECT_EQ(talk["object"], "chat.completion");
  ASSERT_EQ(talk["choices"].size(), 2u);
  EXPECT_EQ(talk["choices"][1]["index"], 1);
  EXPECT_EQ(talk["choices"][1]["message"]["role"], "assistant");
  EXPECT_TRUE(talk["choices"][1]["message"]["content"].is_string());
  EXPECT_EQ(lines[2]["custom_id"], "r3");
  EXPECT_TRUE(lines[2]["response"].is_null());
  EXPECT_EQ(lines[2]["error"]["code"], "usage");
}

TEST_F(Batch, IsAFilterInAPipe) {
  const Finished finished = testing::unmask_with_input(
      many_prompts(5), {"batch", "-", "-n", "8", "-t", "1", "--seed", "5", "-q"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.err, "");
  const std::vector<Json> lines = lines_of(finished.out);
  ASSERT_EQ(lines.size(), 5u);
  run(input(many_prompts(5)));
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i]["ids"], output()[i]["ids"]);
}

TEST_F(Batch, AnswersALineBeforeTheNextOneIsWritten) {
  testing::Launch shell;
  shell.program = "/bin/bash";
  shell.arguments = {"-c",
                     "coproc U { \"$0\" batch - -n 4 -t 1 -q -m \"$1\"; };"
                     "for p in one two; do echo \"{\\\"prompt\\\":\\\"$p\\\"}\" >&\"${U[1]}\";"
                     "read -r -t 60 line <&\"${U[0]}\" || exit 9; echo \"$line\"; done;"
                     "eval \"exec ${U[1]}>&-\"; wait $U_PID",
                     UNMASK_BINARY, testing::model_folder("llada")};
  const Finished finished = launch(shell);
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(lines_of(finished.out).size(), 2u);
}

TEST_F(Batch, AnExistingOutputNeedsAFlag) {
  run(input(many_prompts(3)));
  const std::string before = testing::content_of(file("out.jsonl"));
  const Finished refused = run(file("in.jsonl"));
  EXPECT_EQ(refused.status, 2);
  for (const char* flag : {"--resume", "--resume-failed", "--overwrite"}) {
    EXPECT_NE(refused.err.find(flag), std::string::npos) << flag;
  }
  EXPECT_EQ(testing::content_of(file("out.jsonl")), before);
  EXPECT_EQ(run(file("in.jsonl"), {"--overwrite"}).status, 0);
  EXPECT_EQ(run(file("in.jsonl"), {"--overwrite", "--resume"}).status, 2);
}

/// A line without what differs from run to run.
Json without_timing(Json line) {
  line.erase("timing");
  return line;
}

TEST_F(Batch, ResumesWhereARunWasBrokenOff) {
  run(input(many_prompts(8)));
  const std::vector<Json> unbroken = output();
  const std::string all = testing::content_of(file("out.jsonl"));
  folder_.write("out.jsonl", all.substr(0, all.find('\n', all.size() / 2) + 20));
  const Finished resumed = run(file("in.jsonl"), {"--resume"});
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  const std::vector<Json> lines = output();
  ASSERT_EQ(lines.size(), unbroken.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(without_timing(lines[i]), without_timing(unbroken[i]));
  }
}

TEST_F(Batch, AResumedRunKeepsTheSeedThatWasDrawn) {
  const Words seedless = {"batch", input(many_prompts(6)), "-o", file("out.jsonl"), "-n", "8", "-t",
                          "1"};
  testing::unmask(seedless);
  const std::vector<Json> unbroken = output();
  const std::string all = testing::content_of(file("out.jsonl"));
  folder_.write("out.jsonl", all.substr(0, all.find('\n') + 1));
  Words resume = seedless;
  resume.push_back("--resume");
  EXPECT_EQ(testing::unmask(resume).status, 0);
  const std::vector<Json> lines = output();
  ASSERT_EQ(lines.size(), unbroken.size());
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i]["ids"], unbroken[i]["ids"]);
}

TEST_F(Batch, DoesNotGoOnWithOtherOptionsUnlessForced) {
  run(input(many_prompts(3)));
  const Finished other = run(file("in.jsonl"), {"--resume", "--temperature", "0.5"});
  EXPECT_EQ(other.status, 2);
  EXPECT_NE(other.err.find("temperature"), std::string::npos) << other.err;
  EXPECT_EQ(run(file("in.jsonl"), {"--resume", "--temperature", "0.5", "--force-resume"}).status,
            0);
  const Finished longer = run(input(many_prompts(4)), {"--resume"});
  EXPECT_EQ(longer.status, 2);
  EXPECT_NE(longer.err.find("input"), std::string::npos) << longer.err;
}

TEST_F(Batch, DoesNotGoOnWhereTheCheckpointFillsHolesInAnotherWay) {
  std::filesystem::copy(testing::model_folder("llada"), folder_ / "model");
  const Words at = {"-m", file("model")};
  EXPECT_EQ(run(input(many_prompts(3)), at).status, 0);
  folder_.write("model/generation_config.json", R"({"unmask": {"holes": {"order": "left"}}})");
  const Finished other = run(file("in.jsonl"), {"-m", file("model"), "--resume"});
  EXPECT_EQ(other.status, 2);
  EXPECT_NE(other.err.find("with holes.order was absent"), std::string::npos) << other.err;
}

TEST_F(Batch, DoesFailedLinesAgain) {
  EXPECT_EQ(
      run(input("{\"prompt\":\"a\"}\n{\"prompt\":\"b\",\"top_p\":7}\n{\"prompt\":\"c\"}\n")).status,
      4);
  const Finished nothing_to_do = run(file("in.jsonl"), {"--resume"});
  EXPECT_EQ(nothing_to_do.status, 4) << "there are still failed lines";
  EXPECT_NE(nothing_to_do.err.find("0 done"), std::string::npos) << nothing_to_do.err;
  const Finished again = run(input("{\"prompt\":\"a\"}\n{\"prompt\":\"b\"}\n{\"prompt\":\"c\"}\n"),
                             {"--resume-failed", "--force-resume"});
  EXPECT_EQ(again.status, 0) << again.err;
  const std::vector<Json> lines = output();
  ASSERT_EQ(lines.size(), 3u);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i]["line"], i + 1);
    EXPECT_TRUE(lines[i].contains("text"));
  }
}

TEST_F(Batch, WritesAReport) {
  run(input("{\"prompt\":\"a\"}\n{\"prompt\":1}\n"), {"--report", file("report.json")});
  const Json report = parse_json(testing::content_of(file("report.json")), "report");
  EXPECT_EQ(report["lines"], 2);
  EXPECT_EQ(report["done"], 1);
  EXPECT_EQ(report["failed"], 1);
  EXPECT_EQ(report["errors"]["usage"], 1);
  EXPECT_GT(report["forwards"].get<int>(), 0);
  EXPECT_EQ(report["model"]["family"], "llada");
}

TEST_F(Batch, AnOutputThatCannotBeWrittenIsKnownBeforeTheModelIsLoaded) {
  EXPECT_EQ(testing::unmask({"batch", input("{}"), "-o", "/nowhere/out", "-m", "/nowhere"}).status,
            1);
  const Finished no_report = run(input("{}"), {"--report", "/nowhere/report.json", "-m", "/none"});
  EXPECT_EQ(no_report.status, 1);
  EXPECT_NE(no_report.err.find("/nowhere"), std::string::npos) << no_report.err;
  const Finished same = testing::unmask({"batch", input("{}"), "-o", file("in.jsonl")});
  EXPECT_EQ(same.status, 2);
  EXPECT_EQ(testing::content_of(file("in.jsonl")), "{}");
}

TEST_F(Batch, AFullDiskLosesNothingThatIsDone) {
  const Finished finished =
      testing::unmask({"batch", input(many_prompts(3)), "-o", "/dev/full", "-n", "4", "-t", "1"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_NE(finished.err.find("No space left"), std::string::npos) << finished.err;
}

TEST_F(Batch, ASignalEndsItBetweenLines) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "{\"prompt\":\"a word\"}\n";
  testing::Launch batch;
  batch.arguments = {"batch", input(text), "-o", file("out.jsonl"), "-n", "32", "-t", "1"};
  batch.while_running = [&](pid_t process) {
    for (int i = 0; i < 600; ++i) {  // until something is written
      std::error_code problem;
      if (std::filesystem::file_size(file("out.jsonl"), problem) > 0 && !problem) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ::kill(process, SIGTERM);
  };
  const Finished finished = launch(batch);
  EXPECT_EQ(finished.status, 130) << finished.err;
  EXPECT_NE(finished.err.find("--resume"), std::string::npos) << finished.err;
  const std::string written = testing::content_of(file("out.jsonl"));
  EXPECT_TRUE(written.ends_with('\n'));
  EXPECT_GT(output().size(), 0u);
  EXPECT_LT(output().size(), 2000u);
}

TEST_F(Batch, TheModelsOfTheCommandLineAndOfALineMustAgree) {
  const Finished finished = run(input("{\"prompt\":\"a\",\"model\":\"other\"}\n"));
  EXPECT_EQ(finished.status, 4);
  EXPECT_NE(output()[0]["error"]["message"].get<std::string>().find("'other'"), std::string::npos);
}

}  // namespace
}  // namespace unmask
