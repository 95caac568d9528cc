#include "text/chat_format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/testing.h"
#include "references/fixtures.h"
#include "text/files_in.h"
#include "text/jinja_text.h"
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

TEST(ChatFormat, KnowsTheTemplateOfEveryFixture) {
  const std::map<std::string, std::string> expected{{"a2d_llama", "qwen3"},
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
  for (const auto& [name, format_name] : expected) {
    const auto format = find_chat_format(files_in(fixture(name) / "model"));
    EXPECT_EQ(format ? format->name() : "", format_name) << name;
  }
  for (const std::string& name : testing::all_fixtures()) {
    EXPECT_TRUE(expected.contains(name)) << name;
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
  EXPECT_EQ(format->name(), "llama-unmask");
  const std::vector<ChatMessage> messages{{"user", "Hi"}, {"assistant", "Ho"}, {"user", "Hm"}};
  EXPECT_EQ(format->render_text(messages), "Hi<reply>Ho<end>Hm<reply>");
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
  folder.write("tokenizer_config.json", Json{{"chat_template", list}}.dump());
  EXPECT_EQ(find_chat_format(files_in(folder.path()))->name(), "llada");
  folder.write("chat_template.jinja", "{{ 'the file comes first' }}");
  EXPECT_THROW(find_chat_format(files_in(folder.path())), Error);
}

TEST(ChatFormat, RefusesUnknownTemplatesAndOffersTheWayOut) {
  const TemporaryFolder folder;
  for (const char* hostile : {"{% for i in range(10**9) %}{{ i }}{% endfor %}", "{{", "{% '", "",
                              "{{ raise_exception('no') }}", "{{ messages[0].content }}"}) {
    folder.write("tokenizer_config.json", config_with(hostile));
    EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"template", "--chat", "llada", "--raw"}, [&] {
      find_chat_format(files_in(folder.path()));
    })) << hostile;
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

TEST(JinjaText, IgnoresOnlyWhatRendersTheSame) {
  const auto same = [](std::string_view a, std::string_view b) {
    return canonical_template(a) == canonical_template(b);
  };
  EXPECT_TRUE(same("{{ a }}", "{{a}}"));
  EXPECT_TRUE(same("{{'a\n'}}", "{{'a\\n'}}"));
  EXPECT_TRUE(same("{%- if a -%}\n  x\n{%- endif -%}", "{% if a %}x{% endif %}"));
  EXPECT_TRUE(same("{% if a %}\nx{% endif %}\n", "{% if a %}x{% endif %}"));
  EXPECT_TRUE(same("x\n   {% if a %}", "x\n{% if a %}"));
  EXPECT_TRUE(same("a{# note #}b", "ab"));
  EXPECT_FALSE(same("{{'a '}}", "{{'a'}}"));
  EXPECT_FALSE(same("{{'a\n\n'}}", "{{'a\n'}}"));
  EXPECT_FALSE(same("{{a}} {{b}}", "{{a}}{{b}}"));
  EXPECT_FALSE(same("x  {% if a %}", "x{% if a %}"));
  EXPECT_FALSE(same("{{a}}\nb", "{{a}}b"));
  EXPECT_FALSE(same("{{ a }}", "{{ b }}"));
}

}  // namespace
}  // namespace unmask
