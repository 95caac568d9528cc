// How prompts reach the model: rows P1 to P11 of the list of bad inputs.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "base/testing.h"
#include "cli/process.h"

namespace unmask {
namespace {

using testing::Finished;
using testing::unmask;
using testing::unmask_with_input;

using Words = std::vector<std::string>;

/// The text that the prompt of these arguments comes to, by way of its tokens.
std::string prompt_text(Words arguments, const std::optional<std::string>& input = std::nullopt) {
  arguments.insert(arguments.begin(), "tokenize");
  const Finished ids = input ? unmask_with_input(*input, arguments) : unmask(arguments);
  EXPECT_EQ(ids.status, 0) << ids.err;
  const Finished text = unmask_with_input(ids.out, {"detokenize"});
  EXPECT_EQ(text.status, 0) << text.err;
  return text.out.substr(0, text.out.size() - 1);  // without the line break that ends the output
}

std::string file_with(const testing::TemporaryFolder& folder, const std::string& text) {
  static int number = 0;
  const std::string path = folder.path() / ("prompt" + std::to_string(++number));
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(Prompt, JoinsWordsByOneSpace) {
  EXPECT_EQ(prompt_text({"Once", "upon  a", "time"}), "Once upon  a time");
  EXPECT_EQ(prompt_text({"-p", "Once upon"}), "Once upon");
}

TEST(Prompt, PutsStandardInputFirstThenABlankLine) {
  EXPECT_EQ(prompt_text({"Summarise."}, "A text.\n"), "A text.\n\nSummarise.");
  EXPECT_EQ(prompt_text({}, "A text.\n"), "A text.");
  EXPECT_EQ(prompt_text({"-"}, "A text.\n"), "A text.");
  EXPECT_EQ(prompt_text({"word", "--no-stdin"}, "A text.\n"), "word");
}

TEST(Prompt, ReplacesBracesByStandardInput) {
  EXPECT_EQ(prompt_text({"<{}> and {}"}, "text\n"), "<text> and text");
  EXPECT_EQ(prompt_text({"void f() {}"}), "void f() {}");
  EXPECT_EQ(prompt_text({"void f() {}"}, ""), "void f() {}");
}

TEST(Prompt, ReadsFilesInTheirOrder) {
  const testing::TemporaryFolder folder;
  const std::string a = file_with(folder, "first\n");
  const std::string b = file_with(folder, "second\n");
  EXPECT_EQ(prompt_text({"-f", a, "-f", b, "question"}), "first\n\nsecond\n\nquestion");
  EXPECT_EQ(prompt_text({"-f", a, "-f", "-", "-f", b}, "input\n"), "first\n\ninput\n\nsecond");
  EXPECT_EQ(prompt_text({"-f", a}, "input\n"), "input\n\nfirst");
  EXPECT_EQ(unmask({"tokenize", "-f", folder.path() / "missing"}).status, 1);
}

// P1
TEST(Prompt, EmptyIsAnErrorUnlessRaw) {
  for (const Words& empty : std::vector<Words>{{""}, {"-p", ""}, {"-f", "/dev/null"}}) {
    const Finished finished = unmask(empty);
    EXPECT_EQ(finished.status, 2);
    EXPECT_EQ(finished.err,
              "unmask: the prompt is empty\n  --raw lets the model write without a prompt\n");
    EXPECT_EQ(finished.out, "");
  }
  EXPECT_EQ(unmask_with_input("\n", {}).status, 2);
  EXPECT_EQ(unmask_with_input("", {}).status, 2);
  EXPECT_EQ(unmask({"--dry-run", "--raw", ""}).status, 0);
}

// P1
TEST(Prompt, SpacesAreSent) { EXPECT_EQ(prompt_text({"  "}), "  "); }

// P2
TEST(Prompt, InvalidUtf8IsNamedByItsOffset) {
  const Finished word = unmask({"ab\xff"});
  EXPECT_EQ(word.status, 2);
  EXPECT_EQ(word.out, "");
  EXPECT_EQ(word.err,
            "unmask: the prompt: byte 2 is not valid UTF-8\n"
            "  --lossy replaces what is invalid by U+FFFD\n");
  for (const std::string bytes : {"\xc0\xaf", "\xed\xa0\x80", "\x80", "\xf4\x90\x80\x80"}) {
    const Finished piped = unmask_with_input("abc" + bytes, {});
    EXPECT_EQ(piped.status, 2);
    EXPECT_NE(piped.err.find("standard input: byte 3 is"), std::string::npos) << piped.err;
  }
  const testing::TemporaryFolder folder;
  const std::string file = file_with(folder, "abcd\xff");
  const Finished from_file = unmask({"-f", file});
  EXPECT_EQ(from_file.status, 2);
  EXPECT_NE(from_file.err.find(file + ": byte 4 is"), std::string::npos) << from_file.err;
  EXPECT_EQ(prompt_text({"--lossy", "ab\xff"}), "ab\uFFFD");
}

// P3
TEST(Prompt, NullBytesReachTheTokenizer) {
  const std::string text("a\0b", 3);
  EXPECT_EQ(prompt_text({}, text), text);
  const testing::TemporaryFolder folder;
  EXPECT_EQ(prompt_text({"-f", file_with(folder, text)}), text);
}

// P4
TEST(Prompt, IsRefusedBeyondTheInputLimit) {
  const Finished piped = unmask_with_input("12345678", {"--max-input", "7"});
  EXPECT_EQ(piped.status, 2);
  EXPECT_EQ(piped.err,
            "unmask: standard input is longer than 7 bytes\n"
            "  raise the limit with --max-input\n");
  const Finished words = unmask({"12345678", "--max-input", "7"});
  EXPECT_EQ(words.status, 2);
  EXPECT_NE(words.err.find("the prompt is 8 bytes, the limit is 7"), std::string::npos);
  const Finished endless = unmask({"-f", "/dev/zero", "--max-input", "1MiB"});
  EXPECT_EQ(endless.status, 2);
}

// P4
TEST(Prompt, TenMegabytesOnOneLineAreTokenizedInSeconds) {
  const Finished finished = unmask_with_input(std::string(10 << 20, 'x'), {"tokenize"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_LT(finished.seconds, 30) << "far above the time of an idle machine";
}

// P5
TEST(Prompt, LongerThanTheContextIsRefusedWithBothNumbers) {
  const std::string dream = testing::model_folder("dream");
  const std::string text(300, 'x');
  const Finished finished = unmask({"-m", dream, "-n", "8", text});
  EXPECT_EQ(finished.status, 5);
  EXPECT_EQ(finished.out, "");
  EXPECT_NE(finished.err.find(" tokens and 8 are to be generated; the model takes "),
            std::string::npos)
      << finished.err;
  EXPECT_NE(finished.err.find("--truncate left or right"), std::string::npos);
}

// P5
TEST(Prompt, IsShortenedOnlyWhereAskedTo) {
  const std::string dream = testing::model_folder("dream");
  const std::string text = "BEGIN " + std::string(300, 'x') + " END";
  for (const std::string side : {"left", "right"}) {
    for (const bool raw : {true, false}) {
      Words arguments = {"-m", dream, "-n", "8", "--truncate", side, "--dry-run", text};
      if (raw) arguments.push_back("--raw");
      const Finished finished = unmask(arguments);
      ASSERT_EQ(finished.status, 0) << finished.err;
      const Json plan = parse_json(finished.out, "plan");
      EXPECT_LE(plan["canvas_tokens"], plan["context"]);
      EXPECT_GE(plan["canvas_tokens"].get<int>(), plan["context"].get<int>() - 4);
      std::string ids;
      for (const int id : plan["prompt_ids"]) ids += std::to_string(id) + " ";
      const std::string kept = unmask({"detokenize", "-m", dream, ids}).out;
      EXPECT_EQ(kept.find("BEGIN") != std::string::npos, side == "right") << kept;
      EXPECT_EQ(kept.find("END") != std::string::npos, side == "left") << kept;
      // The chat format around the text stays whole.
      EXPECT_EQ(kept.find("<|im_start|>assistant") != std::string::npos, !raw) << kept;
    }
  }
}

TEST(Prompt, LengthNobodyAskedForGivesWayToTheContext) {
  const Finished finished =
      unmask({"-m", testing::model_folder("dream"), "--raw", "--dry-run", "x"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json plan = parse_json(finished.out, "plan");
  EXPECT_EQ(plan["canvas_tokens"], plan["context"]);
}

// P6
TEST(Prompt, SpecialTokensInTextArePlainText) {
  const std::string eot = "312";
  EXPECT_EQ(unmask({"tokenize", "<|eot_id|>", "--allow-special"}).out, eot + "\n");
  EXPECT_EQ(unmask({"tokenize", "<|eot_id|>"}).out.find(eot), std::string::npos);
  const Finished verbose = unmask({"--dry-run", "-v", "hi <|eot_id|>"});
  EXPECT_NE(verbose.err.find("the prompt contains '<|eot_id|>'; it is read as plain text"),
            std::string::npos)
      << verbose.err;
}

// P7
TEST(Prompt, MaskTokenInTextIsNoOpenPosition) {
  for (const Words& arguments :
       std::vector<Words>{{"<|mdm_mask|>"}, {"<|mdm_mask|>", "--allow-special"}}) {
    Words dry = arguments;
    dry.insert(dry.begin(), {"--dry-run", "--raw"});
    const Finished finished = unmask(dry);
    ASSERT_EQ(finished.status, 0) << finished.err;
    EXPECT_EQ(parse_json(finished.out, "plan")["open_positions"], 0);
  }
  const Json ids = parse_json(unmask({"--dry-run", "--ids", "1 305 2 305"}).out, "plan");
  EXPECT_EQ(ids["open_positions"], 2);
}

// P8
TEST(Output, ControlCharactersReachAPipeButNoTerminal) {
  const std::string ids = unmask({"tokenize", "\x1b]52;c;x\x07"}).out;
  EXPECT_EQ(unmask({"detokenize", ids}).out, "\x1b]52;c;x\x07\n");
  const std::string shown = testing::unmask_on_terminal({"detokenize", ids}).out;
  EXPECT_EQ(shown, "␛]52;c;x␇\r\n");
  EXPECT_NE(unmask({"detokenize", "--json", ids}).out.find("\\u001b]52"), std::string::npos);
}

// P9
TEST(Output, StrayBytesAreReplacedInJsonOnly) {
  const std::string half =
      parse_json(unmask({"tokenize", "--json", "é"}).out, "ids")["ids"][0].dump();
  EXPECT_EQ(unmask({"detokenize", half}).out, "\xc3\n");
  EXPECT_EQ(parse_json(unmask({"detokenize", "--json", half}).out, "json")["text"], "\uFFFD");
}

// P10
TEST(Prompt, LineEndsAndUnicodeArePreserved) {
  const std::string text = "a\r\nb\r\n\ne\u0301 שלום 👩‍👩‍👧";
  EXPECT_EQ(prompt_text({}, text), text);
  EXPECT_EQ(prompt_text({}, "\xEF\xBB\xBFx"), "\xEF\xBB\xBFx");
  const testing::TemporaryFolder folder;
  EXPECT_EQ(prompt_text({"-f", file_with(folder, "\xEF\xBB\xBFx")}), "x");
}

// P11
TEST(Prompt, MayBeginWithADashOrBeACommandsName) {
  EXPECT_EQ(prompt_text({"--", "--json"}), "--json");
  EXPECT_EQ(unmask({"--dry-run", "--", "tokenize"}).status, 0);
  EXPECT_EQ(unmask({"generate", "--dry-run", "--", "batch"}).status, 0);
}

TEST(Prompt, TwoKindsAtOnceAreRefused) {
  EXPECT_EQ(unmask({"-p", "a", "b"}).status, 2);
  EXPECT_EQ(unmask({"--ids", "1", "b"}).status, 2);
  EXPECT_EQ(unmask({"--ids", "1", "--ids", "2"}).status, 2);
  EXPECT_EQ(unmask({"--ids", "1", "--system", "x"}).status, 2);
  EXPECT_EQ(unmask({"--raw", "--system", "x", "y"}).status, 2);
  EXPECT_EQ(unmask({"--messages", "/dev/null", "y"}).status, 2);
}

TEST(Prompt, MessagesAreAListOrAnObjectThatHasOne) {
  const testing::TemporaryFolder folder;
  const std::string list =
      R"([{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}])";
  const std::string as_list = unmask({"tokenize", "--messages", file_with(folder, list)}).out;
  const std::string as_object =
      unmask({"tokenize", "--messages", file_with(folder, "{\"messages\":" + list + "}")}).out;
  const std::string as_flags = unmask({"tokenize", "--system", "Be brief.", "Hi"}).out;
  EXPECT_FALSE(as_list.empty());
  EXPECT_EQ(as_list, as_object);
  EXPECT_EQ(as_list, as_flags);
  for (const std::string bad :
       {"[", "[]", "{}", "[{\"role\":\"user\"}]", "[{\"role\":\"user\",\"content\":5}]",
        "[{\"role\":\"pope\",\"content\":\"x\"}]", "[{\"role\":\"user\",\"role\":\"user\"}]"}) {
    const Finished finished = unmask({"--messages", file_with(folder, bad)});
    EXPECT_EQ(finished.status, 2) << bad << finished.err;
    EXPECT_EQ(finished.out, "");
  }
}

TEST(Prompt, ChatFormatIsAppliedUnlessRaw) {
  const Json chat = parse_json(unmask({"--dry-run", "Hi"}).out, "plan");
  const Json raw = parse_json(unmask({"--dry-run", "--raw", "Hi"}).out, "plan");
  EXPECT_TRUE(chat["chat_format"].get<std::string>().starts_with("own-")) << chat;
  EXPECT_TRUE(raw["chat_format"].is_null());
  EXPECT_LT(raw["prompt_tokens"], chat["prompt_tokens"]);
  EXPECT_EQ(chat["options"]["end-ids"], Json({301, 312})) << "ends with the turn, too";
  EXPECT_EQ(raw["options"]["end-ids"], Json({301}));
}

// T8
TEST(Detokenize, IdsOutsideTheVocabularyAreErrors) {
  for (const std::string id : {"-1", "2147483647", "99999999999", "x", "100000"}) {
    const Finished finished = unmask({"detokenize", "--", id});
    EXPECT_EQ(finished.status, 2) << id;
    EXPECT_EQ(finished.out, "");
  }
  EXPECT_EQ(unmask({"detokenize", "305"}).out, "<|mdm_mask|>\n");
}

}  // namespace
}  // namespace unmask
