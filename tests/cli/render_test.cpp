// The command render: what a chat template makes of a conversation.
#include <gtest/gtest.h>

#include "base/testing.h"
#include "cli/process.h"

namespace unmask {
namespace {

using testing::Finished;
using testing::unmask;

constexpr const char* kMessages = R"([{"role": "user", "content": "Hi"}])";

TEST(Render, PrintsWhatTheModelIsGiven) {
  const testing::TemporaryFolder folder;
  const std::string messages = folder.write("messages.json", kMessages);
  const Finished finished = unmask({"render", "--messages", messages});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.out,
            "<|startoftext|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n");
}

TEST(Render, TakesATemplateToolsVariablesAndAClock) {
  const testing::TemporaryFolder folder;
  const std::string messages = folder.write("messages.json", kMessages);
  const std::string tools = folder.write("tools.json", R"([{"name": "f", "a": 1}])");
  const std::string text = folder.write(
      "chat.jinja",
      "{{ messages[0].content }}|{{ tools|tojson }}|{{ x + 1 }}|{{ y }}|{{ strftime_now('%Y') }}");
  testing::Launch command;
  command.arguments = {"render", "--messages",     messages, "--template",     text,   "--tools",
                       tools,    "--template-arg", "x=2",    "--template-arg", "y=a b"};
  command.environment = {{"UNMASK_NOW", "1999-03-04T05:06:07"}};
  const Finished finished = testing::launch(command);
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.out, R"(Hi|[{"name": "f", "a": 1}]|3|a b|1999)");
}

TEST(Render, SaysWhatTheTemplateRefuses) {
  const testing::TemporaryFolder folder;
  const std::string messages = folder.write("messages.json", kMessages);
  const std::string refusing =
      folder.write("chat.jinja", "a{{ raise_exception('roles must alternate') }}");
  const Finished refused = unmask({"render", "--messages", messages, "--template", refusing});
  EXPECT_EQ(refused.status, 2);
  EXPECT_EQ(refused.out, "");
  EXPECT_TRUE(refused.err.starts_with("unmask: roles must alternate\n")) << refused.err;
  const std::string broken = folder.write("broken.jinja", "a\n{{ 1 + }}");
  const Finished failed = unmask({"render", "--messages", messages, "--template", broken});
  EXPECT_EQ(failed.status, 3);
  EXPECT_NE(failed.err.find("broken.jinja:2:8"), std::string::npos) << failed.err;
}

TEST(TemplateArg, IsANameAndAValueForAChatFormat) {
  for (const char* wrong : {"x", "=1"}) {
    const Finished finished = unmask({"tokenize", "--template-arg", wrong, "Hi"});
    EXPECT_EQ(finished.status, 2);
    EXPECT_NE(finished.err.find("NAME=VALUE"), std::string::npos) << finished.err;
  }
  const Finished raw = unmask({"--dry-run", "--raw", "--template-arg", "x=1", "Hi"});
  EXPECT_EQ(raw.status, 2);
  EXPECT_NE(raw.err.find("--template-arg"), std::string::npos) << raw.err;
}

// Thoughts are off where the template knows the switch, and on when they are asked for.
TEST(TemplateArg, TurnsThinkingOn) {
  const std::string model = testing::model_folder("sdar");
  const Finished off = unmask({"tokenize", "-m", model, "--chat-format", "Hi"});
  const Finished on =
      unmask({"tokenize", "-m", model, "--template-arg", "enable_thinking=true", "Hi"});
  EXPECT_EQ(off.status, 0) << off.err;
  EXPECT_EQ(on.status, 0) << on.err;
  EXPECT_GT(off.out.size(), on.out.size());
  EXPECT_TRUE(off.out.starts_with(on.out.substr(0, on.out.size() - 1)));
}

}  // namespace
}  // namespace unmask
