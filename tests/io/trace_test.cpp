#include "io/trace.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "unmask/error.h"

namespace unmask {
namespace {

std::string temporary_file() {
  return testing::TempDir() + "trace-" + std::to_string(::getpid()) + ".jsonl";
}

std::string content_of(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

constexpr std::array kCanvas = {1, 2, 9};
constexpr std::array kCommitted = {2};
constexpr std::array kConfidence = {0.1f};

StepEvent step_event() {
  return {.request = 1,
          .step = 3,
          .steps = 4,
          .block = 0,
          .open = 0,
          .canvas = kCanvas,
          .committed = kCommitted,
          .revised = {},
          .confidence = kConfidence};
}

TEST(Trace, WritesTheHeaderAndALineForEachStep) {
  const std::string path = temporary_file();
  Trace trace(path, R"({"schema":1})", false);
  trace.on_step(step_event());
  trace.finish();
  EXPECT_EQ(content_of(path),
            "{\"schema\":1}\n"
            "{\"step\":3,\"block\":0,\"ids\":[1,2,9],\"committed\":[2],\"revised\":[],"
            "\"confidence\":[0.1]}\n");
  std::filesystem::remove(path);
}

TEST(Trace, NamesTheDraftWhereThereAreSeveral) {
  const std::string path = temporary_file();
  Trace trace(path, "{}", true);
  trace.on_step(step_event());
  trace.finish();
  EXPECT_NE(content_of(path).find("\"block\":0,\"draft\":1,\"ids\""), std::string::npos);
  std::filesystem::remove(path);
}

TEST(Trace, LeavesOutStepsThatChangedNothing) {
  const std::string path = temporary_file();
  Trace trace(path, "{}", false);
  StepEvent idle = step_event();
  idle.committed = {};
  idle.confidence = {};
  trace.on_step(idle);
  trace.finish();
  EXPECT_EQ(content_of(path), "{}\n");
  std::filesystem::remove(path);
}

TEST(Trace, ReportsAFileThatCannotBeCreated) {
  try {
    Trace trace("/nowhere/at/all.jsonl", "{}", false);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::failure);
    EXPECT_STREQ(error.what(), "/nowhere/at/all.jsonl: cannot write: No such file or directory");
  }
}

TEST(Trace, ReportsAFullDisk) { EXPECT_THROW(Trace("/dev/full", "{}", false), Error); }

}  // namespace
}  // namespace unmask
