#include "base/json.h"

#include <gtest/gtest.h>

#include <random>

#include "base/testing.h"
#include "base/utf8.h"

namespace unmask {
namespace {

using std::string_literals::operator""s;
using testing::fails_with;

Json parse(std::string_view text) { return parse_json(text, "x.json"); }

::testing::AssertionResult is_refused(std::string_view text,
                                      std::initializer_list<std::string_view> words = {}) {
  return fails_with(ErrorCode::checkpoint, words, [text] { parse(text); });
}

TEST(ParseJson, ReadsEveryKindOfValue) {
  const Json json = parse(R"( { "a" : [1, -2, 3.5, 1e3, true, false, null], "b": {"c": "d"} } )");
  EXPECT_EQ(json["a"], Json::parse("[1, -2, 3.5, 1e3, true, false, null]"));
  EXPECT_TRUE(json["a"][0].is_number_unsigned());
  EXPECT_TRUE(json["a"][1].is_number_integer());
  EXPECT_TRUE(json["a"][3].is_number_float());
  EXPECT_EQ(json["b"]["c"], "d");
  EXPECT_EQ(parse("[]"), Json::array());
  EXPECT_EQ(parse("{}"), Json::object());
  EXPECT_EQ(parse("\t\"text\"\r\n"), "text");
  EXPECT_EQ(parse("0"), 0);
}

TEST(ParseJson, ReadsEscapes) {
  EXPECT_EQ(parse(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(parse(R"("\u0041\u00e9\u20AC\ud83d\ude00\u0000")"), "A\u00E9\u20AC\U0001F600\0"s);
}

TEST(ParseJson, RejectsBrokenEscapes) {
  EXPECT_TRUE(is_refused(R"("\x41")", {"unknown escape"}));
  EXPECT_TRUE(is_refused(R"("\u12g4")", {"four hexadecimal digits"}));
  EXPECT_TRUE(is_refused(R"("\u12)"));
  EXPECT_TRUE(is_refused(R"("\u-123")"));
  for (const char* half : {R"("\ud83d")", R"("\ude00")", R"("\ud83dx")", R"("\ud83d\u0041")",
                           R"("\ud83d\n")", R"("\ude00\ud83d")"}) {
    EXPECT_TRUE(is_refused(half)) << half;
  }
}

TEST(ParseJson, RejectsDuplicateKeysAndSaysWhere) {
  EXPECT_TRUE(is_refused("{\"a\": 1,\n \"b\": 2,\n  \"a\": 1}", {"x.json:3:3:", "'a'", "twice"}));
  EXPECT_TRUE(is_refused(R"({"o": {"a": 1, "a": 2}})", {"x.json:1:16:"}));
  EXPECT_TRUE(is_refused(R"({"a": 1, "\u0061": 2})", {"'a' is defined twice"}));
  EXPECT_NO_THROW(parse(R"([{"a": 1}, {"a": 1}])"));
}

TEST(ParseJson, RejectsDuplicatesAmongKeysWithACommonBeginning) {
  EXPECT_TRUE(is_refused(R"({"common prefix 1": 1, "common prefix 2": 2, "common prefix 1": 3})",
                         {"'common prefix 1'"}));
  // A zero byte sorts beside the end of a string, but is not the end.
  EXPECT_EQ(parse(R"({"a": 1, "a\u0000": 2, "": 3})").size(), 3U);
}

TEST(ParseJson, KeepsIntegersThatFitAndDoesNotReadOthers) {
  EXPECT_EQ(parse("9223372036854775807").get<std::int64_t>(), INT64_MAX);
  EXPECT_EQ(parse("-9223372036854775808").get<std::int64_t>(), INT64_MIN);
  EXPECT_EQ(parse("18446744073709551615").get<std::uint64_t>(), UINT64_MAX);
  for (const std::string& text :
       {"18446744073709551616"s, "-9223372036854775809"s, std::string(5000, '9')}) {
    EXPECT_EQ(unread_number(parse(text)), text);
  }
}

TEST(ParseJson, DoesNotReadNumbersThatAreNotFinite) {
  EXPECT_EQ(parse("1.7976931348623157e308").get<double>(), 1.7976931348623157e308);
  for (const char* text : {"1e309", "-1e999", "NaN", "Infinity", "-Infinity"}) {
    EXPECT_EQ(unread_number(parse(text)), text);
  }
  for (const char* text : {"nan", "-NaN", "+Infinity", "inf", "Inf", "-I", "NaNs", "Infinity1"}) {
    EXPECT_TRUE(is_refused(text)) << text;
  }
}

TEST(ParseJson, GivesWhatItReadAsANumberAndNothingElse) {
  for (const char* text : {"1", "-1.5", "\"NaN\"", "null", "[]", "{}", "true"}) {
    EXPECT_EQ(unread_number(parse(text)), std::nullopt) << text;
  }
}

TEST(ParseJson, LeavesNumbersThatNobodyReadsAlone) {
  const Json read =
      parse(R"({"model_max_length": 1000000000000000019884624838656, "x": [NaN, 2]})");
  EXPECT_EQ(read.at("x").at(1).get<int>(), 2);
}

TEST(ParseJson, RejectsWhatIsNoJsonNumber) {
  for (const char* text :
       {"01", "+1", "1.", ".5", "1e", "1e+", "-", "--1", "0x10", "1_000", "- 1"}) {
    EXPECT_TRUE(is_refused(text)) << text;
  }
}

TEST(ParseJson, RejectsDeepNesting) {
  EXPECT_NO_THROW(parse(std::string(32, '[') + std::string(32, ']')));
  EXPECT_TRUE(is_refused(std::string(33, '[') + std::string(33, ']'), {"deeper than 32"}));
  EXPECT_TRUE(is_refused(std::string(5'000'000, '['), {"deeper than 32"}));
  std::string objects;
  for (int i = 0; i < 33; ++i) objects += "{\"a\":";
  EXPECT_TRUE(is_refused(objects, {"deeper than 32"}));
}

TEST(ParseJson, RejectsTooManyAndTooLongKeys) {
  const JsonLimits limits{.depth = 4, .keys = 3, .key_bytes = 5};
  const auto parse_limited = [&](std::string_view text) {
    return parse_json(text, "x.json", ErrorCode::checkpoint, limits);
  };
  EXPECT_NO_THROW(parse_limited(R"({"a": {"b": 1}, "12345": 1})"));
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"more than 3 keys"},
                         [&] { parse_limited(R"({"a": {"b": 1}, "c": 1, "d": 1})"); }));
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"6 bytes", "at most 5"},
                         [&] { parse_limited(R"({"123456": 1})"); }));
}

TEST(ParseJson, RejectsInvalidUtf8AndByteOrderMarks) {
  EXPECT_TRUE(is_refused("\"a\xFF\"", {"x.json:1:3:", "UTF-8"}));
  EXPECT_TRUE(is_refused("{\"\xC0\x80\": 1}", {"UTF-8"}));
  EXPECT_TRUE(is_refused("\xEF\xBB\xBF{}", {"x.json:1:1:", "u{feff}"}));
}

TEST(ParseJson, RejectsControlCharactersInStrings) {
  EXPECT_TRUE(is_refused("\"a\nb\"", {"control character"}));
  EXPECT_TRUE(is_refused("\"a\0b\""s, {"control character"}));
}

TEST(ParseJson, RejectsWhatFollowsTheDocument) {
  EXPECT_TRUE(is_refused("{} x", {"x.json:1:4:", "'x'"}));
  EXPECT_TRUE(is_refused("{}{}"));
  EXPECT_TRUE(is_refused("1\0"s));
}

TEST(ParseJson, RejectsEveryUnfinishedDocument) {
  const std::string whole = R"({"a": [1, -2.5e3, true, "x\u0041"], "b": null})";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_TRUE(is_refused(whole.substr(0, length), {"x.json:1:"})) << length;
  }
}

TEST(ParseJson, RejectsCommonExtensions) {
  for (const char* text : {"[1,]", "{\"a\":1,}", "{a: 1}", "{'a': 1}", "// c\n1", "/* c */ 1",
                           "[1 2]", "{\"a\" 1}", "tru", "True", "", "   "}) {
    EXPECT_TRUE(is_refused(text)) << text;
  }
}

TEST(ParseJson, ThrowsTheCodeItIsTold) {
  EXPECT_TRUE(
      fails_with(ErrorCode::usage, {"-:1:1:"}, [] { parse_json("x", "-", ErrorCode::usage); }));
}

// Whatever bytes come: an Error or the value that the reference parser finds.
TEST(ParseJson, AgreesWithTheReferenceParserOnDamagedDocuments) {
  const std::string seed =
      R"({"a":[1,-2,3.5e-2,"x\n\u00e9\ud83d\ude00",{"b":null}],"c":true,"long key":0.25,"":[[]]})";
  const std::string alphabet = "{}[]:,\"\\ntfue0123456789.-+E \xC3\xA9";
  std::mt19937 random(7);
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seed;
    for (unsigned edits = 1 + random() % 3; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      const char byte = alphabet[random() % alphabet.size()];
      switch (random() % 3) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        default:
          text.erase(at, 1 + random() % 3);
      }
    }
    try {
      const Json ours = parse(text);
      ++accepted;
      ASSERT_EQ(ours, Json::parse(text)) << text;
    } catch (const Error&) {
      continue;
    }
  }
  EXPECT_GT(accepted, 200);
}

TEST(OrderedJson, KeepsMembersInTheirOrder) {
  const OrderedJson json = parse_ordered_json(R"({"z": 1, "a": {"y": [], "b": 2.0}})", "x.json");
  EXPECT_EQ(json.dump(), R"({"z":1,"a":{"y":[],"b":2.0}})");
  EXPECT_TRUE(testing::fails_with(ErrorCode::checkpoint, {"x.json:1:10", "'z'", "twice"},
                                  [] { parse_ordered_json(R"({"z": 1, "z": 2})", "x.json"); }));
}

}  // namespace
}  // namespace unmask
