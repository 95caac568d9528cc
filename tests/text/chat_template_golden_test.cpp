// Published templates against what transformers rendered with them, and templates that must not
// hurt. They are other people's work and lie outside of the repository.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/testing.h"
#include "text/chat_template.h"
#include "text/sha256.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;
using testing::content_of;

constexpr std::int64_t kNow = 1741064767;  // 2025-03-04 05:06:07

fs::path folder() { return fs::path(UNMASK_SHARED) / "fixtures/chat_templates"; }

std::string joined(const std::vector<ChatSegment>& segments) {
  std::string text;
  for (const ChatSegment& segment : segments) text += segment.text;
  return text;
}

std::optional<std::string> token_of(const OrderedJson& golden, const char* key) {
  if (!golden.contains(key) || golden.at(key).is_null()) return std::nullopt;
  return golden.at(key).get<std::string>();
}

Conversation conversation_of(const OrderedJson& golden, const OrderedJson& test_case) {
  Conversation result;
  result.messages = test_case.at("messages");
  if (test_case.contains("tools")) result.tools = test_case.at("tools");
  result.bos_token = token_of(golden, "bos_token");
  result.eos_token = token_of(golden, "eos_token");
  for (const auto& [key, value] : test_case.at("flags").items()) {
    if (key == "add_generation_prompt") {
      result.add_generation_prompt = value.get<bool>();
    } else if (key == "continue_final_message") {
      result.continue_final_message = value.get<bool>();
    } else if (key == "documents") {
      result.documents = value;
    } else {
      result.variables.emplace_back(key, value);
    }
  }
  return result;
}

// "" where the case comes out as it should, else what differs.
std::string difference(const ChatTemplate& chat, const OrderedJson& golden,
                       const OrderedJson& test_case) {
  try {
    const std::string text = joined(chat.render(conversation_of(golden, test_case), kNow));
    if (!test_case.contains("output"))
      return "rendered, but should fail: " + test_case.at("error").dump();
    const auto expected = test_case.at("output").get<std::string>();
    return text == expected ? "" : "expected\n" + expected + "\nbut got\n" + text;
  } catch (const Error& error) {
    if (!test_case.contains("error")) return std::string("failed: ") + error.what();
    const OrderedJson& expected = test_case.at("error");
    if (expected.at("kind") != "raise_exception") return "";
    if (error.code() == ErrorCode::usage &&
        error.what() == expected.at("message").get<std::string>())
      return "";
    return std::string("expected the message ") + expected.dump() + " but got " + error.what();
  }
}

TEST(PublishedTemplates, RenderExactlyAsTransformersDoes) {
  if (!fs::exists(folder())) GTEST_SKIP() << "the published templates are not here: " << folder();
  std::size_t cases = 0, templates = 0, exact = 0;
  for (const auto& entry : fs::directory_iterator(folder() / "templates")) {
    const OrderedJson golden = parse_ordered_json(content_of(entry.path()), entry.path().filename(),
                                                  ErrorCode::failure, {.depth = 100});
    ++templates;
    bool all = true;
    const ChatTemplate chat =
        ChatTemplate::parse(golden.at("template").get<std::string>(), "template");
    for (const OrderedJson& test_case : golden.at("cases")) {
      ++cases;
      const std::string problem = difference(chat, golden, test_case);
      EXPECT_EQ(problem, "") << entry.path().filename() << ", " << test_case.at("name");
      all = all && problem.empty();
    }
    exact += all ? 1 : 0;
  }
  EXPECT_GE(templates, 171U);
  EXPECT_EQ(exact, templates);
  RecordProperty("cases", static_cast<int>(cases));
}

std::string repeated(const OrderedJson& build, const char* what, const char* times) {
  std::string text;
  if (!build.contains(what)) return text;
  const auto unit = build.at(what).get<std::string>();
  for (int i = 0; i < build.at(times).get<int>(); ++i) text += unit;
  return text;
}

std::string template_of(const OrderedJson& test_case) {
  if (test_case.contains("template")) return test_case.at("template").get<std::string>();
  if (test_case.contains("template_hex")) {
    const auto hex = test_case.at("template_hex").get<std::string>();
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
      bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    return bytes;
  }
  const OrderedJson& build = test_case.at("template_build");
  return build.at("prefix").get<std::string>() + repeated(build, "repeat", "times") +
         build.value("middle", "") + repeated(build, "repeat2", "times2") +
         build.at("suffix").get<std::string>();
}

// What came of a hostile template: its output, or the message of its error.
struct Outcome {
  bool rendered = false;
  std::string text;
};

Outcome outcome_of(const OrderedJson& all, const std::string& text) {
  Conversation conversation;
  conversation.messages = all.at("messages");
  conversation.bos_token = all.at("bos_token").get<std::string>();
  conversation.eos_token = all.at("eos_token").get<std::string>();
  try {
    return {true, joined(ChatTemplate::parse(text, "template").render(conversation, kNow))};
  } catch (const Error& error) {
    return {false, error.what() + std::string("\n") + error.hint()};
  }
}

bool is_expected_output(const OrderedJson& test_case, const std::string& text) {
  if (test_case.contains("output")) return text == test_case.at("output").get<std::string>();
  if (test_case.contains("output_sha256")) {
    return testing::Sha256::hex(text) == test_case.at("output_sha256").get<std::string>();
  }
  return !test_case.contains("output_length") ||
         text.size() == test_case.at("output_length").get<std::size_t>();
}

// "" where the outcome is one that its class allows.
std::string complaint(const OrderedJson& test_case, const Outcome& outcome) {
  const auto kind = test_case.at("class").get<std::string>();
  const bool may_render = kind.find("output") != std::string::npos || kind == "security";
  if (outcome.rendered) {
    if (!may_render) return "rendered: " + outcome.text.substr(0, 200);
    const bool known = test_case.contains("output") || kind != "security";
    return known && is_expected_output(test_case, outcome.text)
               ? ""
               : "wrong: " + outcome.text.substr(0, 200);
  }
  if (kind == "output") return "failed: " + outcome.text;
  if (kind == "raise" &&
      !outcome.text.starts_with(test_case.at("jinja2").at("message").get<std::string>())) {
    return "another message: " + outcome.text;
  }
  if (!test_case.contains("line")) return "";
  const std::string line = "template:" + std::to_string(test_case.at("line").get<int>()) + ":";
  return outcome.text.find(line) != std::string::npos ? "" : "another line: " + outcome.text;
}

// Runs one case in a process of its own that has 512 MB, and 5 seconds of processor time.
void check_apart(const OrderedJson& all, const OrderedJson& test_case) {
  const std::string text = template_of(test_case);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const rlimit seconds{5, 5};
    ::setrlimit(RLIMIT_CPU, &seconds);
    const std::string problem = complaint(test_case, outcome_of(all, text));
    (void)!::write(ends[1], problem.data(), std::min<std::size_t>(problem.size(), 4000));
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string problem(4096, '\0');
  const ssize_t got = ::read(ends[0], problem.data(), problem.size());
  ::close(ends[0]);
  problem.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  int status = 0;
  rusage usage{};
  ASSERT_EQ(::wait4(child, &status, 0, &usage), child);
  const double seconds =
      static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
      static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
  const auto name = test_case.at("name").get<std::string>();
  EXPECT_TRUE(WIFEXITED(status)) << name << " died of signal " << WTERMSIG(status);
  EXPECT_EQ(problem, "") << name;
  EXPECT_LT(seconds, 5.0) << name;
#ifndef __SANITIZE_ADDRESS__  // which keeps what is freed
  EXPECT_LT(usage.ru_maxrss, 512 * 1024) << name;
#endif
  if (std::getenv("UNMASK_TIMES") != nullptr) {
    std::printf("%-32s %6.3f s %7ld kB\n", name.c_str(), seconds, usage.ru_maxrss);
  }
}

TEST(HostileTemplates, FailClearlyWithinTheirBounds) {
  const fs::path file = folder() / "hostile.json";
  if (!fs::exists(file)) GTEST_SKIP() << "the hostile templates are not here: " << file;
  const OrderedJson all = parse_ordered_json(content_of(file), "hostile.json");
  EXPECT_GE(all.at("cases").size(), 148U);
  for (const OrderedJson& test_case : all.at("cases")) check_apart(all, test_case);
}

}  // namespace
}  // namespace unmask
