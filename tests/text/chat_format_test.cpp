#include "text/chat_format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/testing.h"
#include "references/fixtures.h"
#include "text/files_in.h"
#include "text/tokenizer.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;
using testing::content_of;
using testing::fails_with;
using testing::files_in;
using testing::fixture;
using testing::TemporaryFolder;

std::vector<ChatMessage> messages_of(const Json& array) {
  std::vector<ChatMessage> messages;
  for (const Json& message : array) {
    messages.push_back(
        {message.at("role").get<std::string>(), message.at("content").get<std::string>()});
  }
  return messages;
}

// The tokenizer_config.json of a checkpoint with this template.
std::string config_with(const std::string& chat_template, const std::string& bos_token = "") {
  Json config{{"chat_template", chat_template}};
  if (!bos_token.empty()) config["bos_token"] = bos_token;
  return config.dump();
}

// A template of the goldens, found as a checkpoint's own; those that are only known by name by
// name.
ChatFormat format_of(const Json& golden, const TemporaryFolder& folder) {
  if (!golden.contains("template")) return chat_format("ling");
  folder.write("tokenizer_config.json",
               config_with(golden.at("template"), golden.at("vars").value("bos_token", "")));
  return find_chat_format(files_in(folder.path())).value();
}

TEST(ChatFormat, RendersTheGoldens) {
  const auto goldens = parse_json(content_of(fixture("tokenizers/chat_templates.golden.json")), "");
  ASSERT_EQ(goldens.size(), 55U);
  for (const Json& golden : goldens) {
    SCOPED_TRACE(golden.dump());
    const TemporaryFolder folder;
    const ChatOptions options{.add_generation_prompt = golden.at("add_generation_prompt")};
    const auto messages = messages_of(golden.at("messages"));
    EXPECT_EQ(format_of(golden, folder).render_text(messages, options), golden.at("rendered"));
  }
}

// The chats in a family's cases.json: under "tokenizer", or by themselves.
Json chats_of(const fs::path& family) {
  const Json cases = parse_json(content_of(family / "cases.json"), "cases.json");
  if (cases.contains("chat")) return cases.at("chat");
  const Json& tokenizer = cases.at("tokenizer");
  return tokenizer.is_object() && tokenizer.contains("chat") ? tokenizer.at("chat") : Json::array();
}

std::size_t check_family(const fs::path& family) {
  const fs::path model = family / "model";
  const Json chats = chats_of(family);
  if (chats.empty()) return 0;
  const auto tokenizer = load_tokenizer(files_in(model));
  const ChatFormat format = find_chat_format(files_in(model)).value();
  for (const Json& chat : chats) {
    SCOPED_TRACE(family.string() + ": " + chat.dump());
    const auto messages = messages_of(chat.at("messages"));
    const ChatOptions options{.add_generation_prompt = chat.at("add_generation_prompt")};
    const Json& text = chat.contains("text") ? chat.at("text") : chat.at("rendered");
    EXPECT_EQ(format.render_text(messages, options), text.get<std::string>());
    EXPECT_EQ(format.render_ids(*tokenizer, messages, options),
              chat.at("ids").get<std::vector<int>>());
  }
  return chats.size();
}

TEST(ChatFormat, GivesTheIdsOfTheFixtures) {
  std::size_t chats = 0, families = 0;
  for (const std::string& name : testing::all_fixtures()) {
    const std::size_t found = check_family(fixture(name));
    chats += found;
    families += found > 0 ? 1 : 0;
  }
  EXPECT_GE(chats, 30U);
  EXPECT_EQ(families, 12U);
}

// Which built-in format renders like the fixture's own template; "": it has none.
const std::map<std::string, std::string> kFormatOfFixture{{"a2d_llama", "qwen3"},
                                                          {"a2d_qwen2", "qwen3"},
                                                          {"a2d_qwen3", "qwen3"},
                                                          {"bd3lm", ""},
                                                          {"dream", "qwen2"},
                                                          {"dream_tied", "qwen2"},
                                                          {"fast_dllm_v2", "qwen2.5"},
                                                          {"llada", "llada"},
                                                          {"llada2", "llada2"},
                                                          {"llada21", "llada2"},
                                                          {"llada2_bias", "llada2"},
                                                          {"llada_bf16", "llada"},
                                                          {"llada_moe", "llada2"},
                                                          {"llada_moe_ext", "llada2"},
                                                          {"llada_tied", "llada"},
                                                          {"mdlm", ""},
                                                          {"open_dcoder", ""},
                                                          {"open_dcoder_alt", "qwen2"},
                                                          {"rnd1", ""},
                                                          {"sdar", "qwen3"},
                                                          {"sdar_moe", "qwen3"},
                                                          {"smdm", ""}};

std::vector<std::vector<ChatMessage>> conversations() {
  const std::string thoughts = "<think>\nhm\n</think>\n\nb";
  return {{{"user", "a"}},
          {{"system", " s\n"}, {"user", " a "}},
          {{"user", "a"}, {"assistant", thoughts}, {"user", "c"}},
          {{"user", "a"}, {"assistant", thoughts}},
          {{"user", "a"}, {"assistant", "b"}},
          {{"system", ""}, {"user", "<tool_response>x</tool_response>"}, {"assistant", "\nb\n"}}};
}

TEST(ChatFormat, RendersEveryFixtureLikeItsBuiltInFormat) {
  for (const std::string& fixture_name : testing::all_fixtures()) {
    ASSERT_TRUE(kFormatOfFixture.contains(fixture_name)) << fixture_name;
    const std::string& name = kFormatOfFixture.at(fixture_name);
    const auto own = find_chat_format(files_in(fixture(fixture_name) / "model"));
    ASSERT_EQ(own.has_value(), !name.empty()) << fixture_name;
    if (!own) continue;
    EXPECT_TRUE(own->name().starts_with("own-"));
    for (const auto& messages : conversations()) {
      for (const bool open : {true, false}) {
        const ChatOptions options{.add_generation_prompt = open, .thinking = open};
        EXPECT_EQ(own->render_text(messages, options),
                  chat_format(name).render_text(messages, options))
            << fixture_name;
      }
    }
  }
}

TEST(ChatFormat, RendersTheGoldensByTheirBuiltInFormats) {
  const std::map<std::string, std::string> formats{{"qwen2-repo", "llama-factory"},
                                                   {"chatml", "chatml"},
                                                   {"chatml-default-system", "qwen2"},
                                                   {"llama3", "llama3"},
                                                   {"llada", "llada"},
                                                   {"ling-role (LLaDA-MoE, LLaDA2)", "ling"}};
  const auto goldens = parse_json(content_of(fixture("tokenizers/chat_templates.golden.json")), "");
  for (const Json& golden : goldens) {
    const ChatOptions options{.add_generation_prompt = golden.at("add_generation_prompt")};
    const ChatFormat format = chat_format(formats.at(golden.at("template_name")));
    EXPECT_EQ(format.render_text(messages_of(golden.at("messages")), options),
              golden.at("rendered"))
        << golden.dump();
  }
}

TEST(ChatFormat, BeginsAnswersWithoutThoughtsWhereTheyAreTurnedOff) {
  ChatFormat format = chat_format("qwen3");
  format.turn_thinking_off();
  const std::vector<ChatMessage> messages{{"user", "a"}};
  EXPECT_EQ(format.render_text(messages),
            chat_format("qwen3").render_text(messages, {.thinking = false}));
}

TEST(ChatFormat, KeepsSpecialTokensInMessagesAsText) {
  const auto tokenizer = load_tokenizer(files_in(fixture("llada/model")));
  const ChatFormat format = chat_format("llada");
  const int mask = tokenizer->token_id("<|mdm_mask|>").value();
  const int end = tokenizer->token_id("<|eot_id|>").value();
  const std::vector<ChatMessage> messages{{"user", "a<|mdm_mask|>b<|eot_id|>"}};
  const auto ids = format.render_ids(*tokenizer, messages);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), mask), 0);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), end), 1);  // the scaffolding's own
  EXPECT_EQ(tokenizer->decode(ids, false), format.render_text(messages));

  const auto open = format.render_ids(*tokenizer, messages, {.allow_special = true});
  EXPECT_EQ(std::count(open.begin(), open.end(), mask), 1);
  EXPECT_EQ(std::count(open.begin(), open.end(), end), 2);
}

TEST(ChatFormat, DoesNotLetMessagesTakePartInSpecialTokens) {
  const auto tokenizer = load_tokenizer(files_in(fixture("llada/model")));
  const ChatFormat format = chat_format("llada");
  const auto ends = [&](const std::string& content) {
    const std::vector<ChatMessage> messages{{"user", content}};
    const auto ids = format.render_ids(*tokenizer, messages);
    return std::count(ids.begin(), ids.end(), tokenizer->token_id("<|eot_id|>").value());
  };
  for (const char* content : {"<", "<|eot", "<|eot_id|", "|>", "<|eot_id|><", ""}) {
    EXPECT_EQ(ends(content), 1) << content;
  }
}

TEST(ChatFormat, RendersQwen3Thoughts) {
  const ChatFormat format = chat_format("qwen3");
  const std::vector<ChatMessage> messages{
      {"user", "a"}, {"assistant", "<think>\nhm\n</think>\n\nb"}, {"user", "c"}};
  EXPECT_EQ(format.render_text(messages, {.thinking = false}),
            "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n"
            "<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n");
  const std::vector<ChatMessage> draft{{"user", "a"}, {"assistant", "<think>\nhm\n</think>\n\nb"}};
  EXPECT_EQ(format.render_text(draft, {.add_generation_prompt = false}),
            "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n<think>\nhm\n</think>\n\nb"
            "<|im_end|>\n");
}

TEST(ChatFormat, RendersTheFormatOfTheDefaultModel) {
  const TemporaryFolder folder;
  folder.write(
      "chat_template.jinja",
      "{% for message in messages %}{{ message['content'] }}{% if message['role'] == 'user' "
      "%}<reply>{% else %}<end>{% endif %}{% endfor %}\n");
  const auto format = find_chat_format(files_in(folder.path()));
  ASSERT_TRUE(format);
  const std::vector<ChatMessage> messages{{"user", "Hi"}, {"assistant", "Ho"}, {"user", "Hm"}};
  EXPECT_EQ(format->render_text(messages), "Hi<reply>Ho<end>Hm<reply>");
  EXPECT_EQ(chat_format("llama-unmask").render_text(messages), "Hi<reply>Ho<end>Hm<reply>");
}

TEST(ChatFormat, EncodesMessagesOfTheDefaultModelEachForItself) {
  const TemporaryFolder folder;
  fs::copy_file(fixture("tokenizers/small-sp-bpe/tokenizer.model"), folder / "tokenizer.model");
  folder.write("tokenizer_config.json",
               R"({"added_tokens_decoder":{"1000":{"content":"<reply>","special":true},)"
               R"("1001":{"content":"<end>","special":true}}})");
  const auto tokenizer = load_tokenizer(files_in(folder.path()));
  std::vector<int> expected;
  const auto add = [&](std::string_view content, int token) {
    const auto ids = tokenizer->encode(content);
    expected.insert(expected.end(), ids.begin(), ids.end());
    expected.push_back(token);
  };
  add("Hi<end>", 1000);
  add("Ho", 1001);
  add("Hm </s>", 1000);
  const std::vector<ChatMessage> messages{
      {"user", "Hi<end>"}, {"assistant", "Ho"}, {"user", "Hm </s>"}};
  EXPECT_EQ(chat_format("llama-unmask").render_ids(*tokenizer, messages), expected);
}

TEST(ChatFormat, FindsTemplatesWhereverTheyAreKept) {
  const std::string known = content_of(fixture("llada/model/tokenizer_config.json"));
  const Json text = parse_json(known, "").at("chat_template");
  const TemporaryFolder folder;
  EXPECT_FALSE(find_chat_format(files_in(folder.path())));
  folder.write("tokenizer_config.json", "{}");
  EXPECT_FALSE(find_chat_format(files_in(folder.path())));
  const Json other{{"name", "tool_use"}, {"template", "{{ tools }}"}};
  const Json list{other, {{"name", "default"}, {"template", text}}};
  folder.write("tokenizer_config.json", Json{{"chat_template", list}, {"bos_token", "<b>"}}.dump());
  const std::vector<ChatMessage> hello{{"user", "x"}};
  EXPECT_EQ(find_chat_format(files_in(folder.path()))->render_text(hello),
            "<b><|start_header_id|>user<|end_header_id|>\n\nx<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n");
  Conversation with_tools;
  with_tools.tools = OrderedJson::array({"t"});
  EXPECT_EQ(find_chat_format(files_in(folder.path()))->render(with_tools).at(0).text, "['t']");
  folder.write("chat_template.jinja", "{{ 'the file comes first' }}");
  EXPECT_EQ(find_chat_format(files_in(folder.path()))->render_text(hello), "the file comes first");
}

TEST(ChatFormat, RefusesWhatIsNoTemplateAndOffersTheWayOut) {
  const TemporaryFolder folder;
  for (const char* broken : {"{{", "{% '", "{% for %}", "{{ 'x'|nonsense }}"}) {
    folder.write("tokenizer_config.json", config_with(broken));
    EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"template:1:", "--chat", "llada", "--raw"}, [&] {
      find_chat_format(files_in(folder.path()));
    })) << broken;
  }
}

TEST(ChatFormat, SaysWhatGoesWrongInATemplate) {
  const TemporaryFolder folder;
  const std::vector<ChatMessage> hello{{"user", "x"}};
  folder.write("tokenizer_config.json", config_with("a\n{{ nothing.x }}"));
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"template:2:", "nothing", "--raw"},
                         [&] { find_chat_format(files_in(folder.path()))->render_text(hello); }));
  folder.write("tokenizer_config.json",
               config_with("{{ raise_exception('no, ' + messages[0].content) }}"));
  try {
    find_chat_format(files_in(folder.path()))->render_text(hello);
    FAIL() << "should have failed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_STREQ(error.what(), "no, x");
  }
}

TEST(ChatFormat, RefusesWhatCannotBeRendered) {
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"nonsense", "chatml", "qwen3"},
                         [] { chat_format("nonsense"); }));
  const ChatFormat format = chat_format("chatml");
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"one message"}, [&] { format.render_text({}); }));
  const std::vector<ChatMessage> tool{{"<|im_end|>", "x"}};
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"role"}, [&] { format.render_text(tool); }));
  const auto llada = load_tokenizer(files_in(fixture("llada/model")));
  const std::vector<ChatMessage> hello{{"user", "x"}};
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"chatml", "<|im_start|>", "--raw"},
                         [&] { format.render_ids(*llada, hello); }));
}

}  // namespace
}  // namespace unmask
