// Lines of a batch: what they ask for.
#include "batch/item.h"

#include <gtest/gtest.h>

#include "base/testing.h"

namespace unmask {
namespace {

using testing::fails_with;

class ItemReaderTest : public ::testing::Test {
 protected:
  ItemReaderTest() { job_.for_all = {"threads"}; }

  BatchItem read(const std::string& text, std::uint64_t number = 1) {
    BatchItem item;
    ItemReader(job_, "models/llada").read({.number = number, .text = text}, 7, item);
    return item;
  }

  BatchJob job_;
};

using Decoding = std::vector<std::pair<std::string, std::string>>;

TEST_F(ItemReaderTest, ReadsAPromptAndTheOptionsOfTheLine) {
  const BatchItem item = read(
      R"({"id":"a","prompt":"Once","length":16,"top_p":0.5,"order":"margin","early-stop":false,)"
      R"("suppress":[3,4],"seed":5,"num":2,"stop":["x","y"],"raw":true})");
  EXPECT_EQ(item.id, "a");
  EXPECT_EQ(item.prompt.text, "Once");
  EXPECT_EQ(item.settings.run.seed, 5u);
  EXPECT_EQ(item.settings.run.num, 2);
  EXPECT_EQ(item.settings.run.stops, (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(item.settings.prompt.raw);
  Decoding sorted = item.settings.run.decoding;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, (Decoding{{"early-stop", "off"},
                              {"length", "16"},
                              {"order", "margin"},
                              {"suppress", "3 4"},
                              {"top-p", "0.5"}}));
}

TEST_F(ItemReaderTest, ALineIsStrongerThanTheRun) {
  job_.settings.run.decoding = {{"length", "8"}, {"steps", "4"}};
  job_.settings.run.stops = {"z"};
  const BatchItem item = read(R"({"prompt":"a","length":16,"stop":"x"})");
  EXPECT_EQ(item.settings.run.decoding, (Decoding{{"steps", "4"}, {"length", "16"}}));
  EXPECT_EQ(item.settings.run.stops, std::vector<std::string>{"x"});
}

TEST_F(ItemReaderTest, ReadsMessagesAndIds) {
  const BatchItem talk = read(R"({"messages":[{"role":"user","content":"Hi"}]})");
  ASSERT_EQ(talk.prompt.messages.size(), 1u);
  EXPECT_EQ(talk.prompt.messages[0].content, "Hi");
  EXPECT_EQ(read(R"({"ids":[1,2,3]})").prompt.ids, (std::vector{1, 2, 3}));
}

TEST_F(ItemReaderTest, TakesALineOfTextAsItStands) {
  job_.options.lines = true;
  const BatchItem item = read(R"({"prompt": )", 7);
  EXPECT_EQ(item.prompt.text, R"({"prompt": )");
  EXPECT_EQ(item.shown_id(), "line-7");
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"byte 1", "UTF-8"}, [&] { read("a\xff"); }));
}

TEST_F(ItemReaderTest, KeepsIdsAsTheyAre) {
  EXPECT_EQ(read(R"({"id":17,"prompt":"a"})").shown_id(), 17);
  EXPECT_EQ(read(R"({"id":"17","prompt":"a"})").shown_id(), "17");
  EXPECT_EQ(read(R"({"prompt":"a"})", 4).shown_id(), "line-4");
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"'id'"}, [&] { read(R"({"id":[1],"prompt":"a"})"); }));
  const std::string longest = R"({"prompt":"a","id":")" + std::string(512, 'x');
  EXPECT_EQ(read(longest + "\"}").id.get<std::string>().size(), 512u);
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"513 bytes", "512"}, [&] { read(longest + "x\"}"); }));
}

TEST_F(ItemReaderTest, SeedsFollowFromTheIdAndTheRunAlone) {
  const auto seed = [&](const std::string& text, std::uint64_t line) {
    return *read(text, line).settings.run.seed;
  };
  const std::string a = R"({"id":"a","prompt":"x"})", b = R"({"id":"b","prompt":"x"})";
  EXPECT_EQ(seed(a, 1), seed(a, 9));
  EXPECT_NE(seed(a, 1), seed(b, 1));
  EXPECT_NE(seed(R"({"prompt":"x"})", 1), seed(R"({"prompt":"x"})", 2));
  EXPECT_LT(seed(a, 1), std::uint64_t{1} << 53);
}

TEST_F(ItemReaderTest, SaysWhatIsWrongWithALine) {
  const auto refuses = [&](const std::string& text, std::initializer_list<std::string_view> words) {
    return fails_with(ErrorCode::usage, words, [&] { read(text, 3); });
  };
  EXPECT_TRUE(refuses(R"({"prompt":"a",})", {"line 3", ":15:"}));
  EXPECT_TRUE(refuses(R"({"prompt":"a","prompt":"b"})", {"'prompt'", "twice"}));
  EXPECT_TRUE(refuses(R"({"prompt":"a","temperature":NaN})", {"'NaN' is not a number"}));
  EXPECT_TRUE(refuses(R"({"prompt":"a","id":1e999})", {"'id' is 1e999, which is out of range"}));
  EXPECT_TRUE(refuses(R"({"prompt":"a","temperature":1e999})", {"1e999"}));
  EXPECT_TRUE(refuses("[1]", {"no object"}));
  EXPECT_TRUE(refuses("{}", {"no prompt"}));
  EXPECT_TRUE(refuses(R"({"prompt":"a","ids":[1]})", {"several prompts"}));
  EXPECT_TRUE(refuses(R"({"prompt":7})", {"'prompt'"}));
  EXPECT_TRUE(refuses(R"({"messages":[]})", {"'messages'"}));
  EXPECT_TRUE(refuses(R"({"ids":[1,-2]})", {"'ids"}));
  EXPECT_TRUE(refuses(R"({"prompt":"a","length":"many"})", {"length", "many"}));
  EXPECT_TRUE(refuses(R"({"prompt":"a","length":{}})", {"'length'"}));
  EXPECT_TRUE(refuses(R"({"prompt":"a","early_stop":1})", {"'early_stop'"}));
  EXPECT_TRUE(refuses(R"({"prompt":"a","threads":2})", {"'threads'", "whole run"}));
  EXPECT_TRUE(refuses(R"({"prompt":"a","model":"other"})", {"'other'", "'llada'"}));
}

TEST_F(ItemReaderTest, ALineThatIsTooLongWasNotRead) {
  BatchItem item;
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"20.0 MiB", "16.0 MiB"}, [&] {
    ItemReader(job_, "models/llada")
        .read({.number = 1, .text = "", .too_long = 20u << 20}, 7, item);
  }));
  EXPECT_EQ(item.line, 1u);
}

TEST_F(ItemReaderTest, AcceptsTheModelByEachOfItsNames) {
  EXPECT_EQ(read(R"({"prompt":"a","model":"llada"})").prompt.text, "a");
  job_.settings.model.model = "org/name";
  EXPECT_EQ(read(R"({"prompt":"a","model":"org/name"})").prompt.text, "a");
}

TEST_F(ItemReaderTest, KnowsTheIdOfALineThatItCannotRead) {
  BatchItem item;
  EXPECT_THROW(
      ItemReader(job_, "models/llada").read({.number = 1, .text = R"({"id":"a"})"}, 7, item),
      Error);
  EXPECT_EQ(item.shown_id(), "a");
  EXPECT_EQ(find_line_id(R"({"custom_id":"b","body":{}})"), "b");
  EXPECT_TRUE(find_line_id("{").is_null());
}

// Fields of OpenAI's requests.

TEST_F(ItemReaderTest, ReadsAChatLineOfOpenAi) {
  const BatchItem item = read(
      R"({"custom_id":"r1","method":"POST","url":"/v1/chat/completions","body":{"model":"llada",)"
      R"("messages":[{"role":"developer","content":"Be kind."},)"
      R"({"role":"user","content":[{"type":"text","text":"Hi"}]}],)"
      R"("max_tokens":12,"temperature":0.5,"top_p":0.9,"n":2,"seed":3,"stop":"END","user":"u",)"
      R"("stream":false,"frequency_penalty":0,"logit_bias":{},"steps":6}})");
  EXPECT_EQ(item.format, LineFormat::openai_chat);
  EXPECT_EQ(item.id, "r1");
  ASSERT_EQ(item.prompt.messages.size(), 2u);
  EXPECT_EQ(item.prompt.messages[0].role, "system");
  EXPECT_EQ(item.prompt.messages[1].content, "Hi");
  EXPECT_EQ(item.settings.run.typed("length"), "12");
  EXPECT_EQ(item.settings.run.typed("temperature"), "0.5");
  EXPECT_EQ(item.settings.run.typed("top-p"), "0.9");
  EXPECT_EQ(item.settings.run.typed("steps"), "6");
  EXPECT_EQ(item.settings.run.num, 2);
  EXPECT_EQ(item.settings.run.seed, 3u);
  EXPECT_EQ(item.settings.run.stops, std::vector<std::string>{"END"});
}

TEST_F(ItemReaderTest, ReadsACompletionLineOfOpenAi) {
  const std::string begin = R"({"custom_id":"r","url":"/v1/completions","body":{"prompt":)";
  const BatchItem text = read(begin + R"("Once"}})");
  EXPECT_EQ(text.format, LineFormat::openai_completion);
  EXPECT_EQ(text.prompt.text, "Once");
  EXPECT_TRUE(text.settings.prompt.raw);
  EXPECT_EQ(read(begin + "[1,2]}}").prompt.ids, (std::vector{1, 2}));
  EXPECT_TRUE(
      fails_with(ErrorCode::usage, {"'body.prompt'"}, [&] { read(begin + R"(["a","b"]}})"); }));
}

TEST_F(ItemReaderTest, RefusesWhatItCannotDoForOpenAiLines) {
  for (const char* field :
       {R"("stream":true)", R"("logprobs":true)", R"("presence_penalty":0.5)", R"("best_of":3)",
        R"("tools":[{"type":"function"}])", R"("response_format":{"type":"json_object"})",
        R"("logit_bias":{"5":-100})", R"("echo":true)", R"("suffix":"end")"}) {
    const std::string line =
        std::string(R"({"custom_id":"r","body":{"messages":[{"role":"user","content":"a"}],)") +
        field + "}}";
    const std::string quoted = std::string(field).substr(0, std::string(field).find(':'));
    const std::string name = "'body." + quoted.substr(1, quoted.size() - 2) + "'";
    EXPECT_TRUE(fails_with(ErrorCode::usage, {name}, [&] { read(line); })) << line;
  }
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"/v1/embeddings"}, [&] {
    read(R"({"custom_id":"r","url":"/v1/embeddings","body":{"input":"a"}})");
  }));
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"image_url"}, [&] {
    read(R"({"custom_id":"r","body":{"messages":[{"role":"user","content":)"
         R"([{"type":"image_url"}]}]}})");
  }));
}

}  // namespace
}  // namespace unmask
