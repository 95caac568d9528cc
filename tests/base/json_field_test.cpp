#include <gtest/gtest.h>

#include <limits>

#include "base/json.h"
#include "base/testing.h"

namespace unmask {
namespace {

using testing::fails_with;

class JsonFieldTest : public ::testing::Test {
 protected:
  const Json document_ = parse_json(R"({
    "layers": 12, "theta": 10000, "rate": 0.5, "tied": true, "name": "silu", "nothing": null,
    "huge": 18446744073709551615, "list": [1, "two"], "rope": {"factor": 4.0, "deep": [{"x": 1}]},
    "odd\u001bkey": 1})",
                                    "config.json");
  const JsonField root_{document_, "config.json:"};
};

template <typename Action>
::testing::AssertionResult says(const std::string& text, Action action) {
  return fails_with(ErrorCode::checkpoint, {text + "\nhint:"}, action);
}

TEST_F(JsonFieldTest, ReadsMembers) {
  EXPECT_EQ(root_.at("layers").integer(1, 100), 12);
  EXPECT_EQ(root_.at("theta").number(1, 1e9), 10000.0);
  EXPECT_EQ(root_.at("rate").number(0, 1), 0.5);
  EXPECT_TRUE(root_.at("tied").boolean());
  EXPECT_EQ(root_.at("name").text(), "silu");
  EXPECT_EQ(root_.at("list").size(), 2U);
  EXPECT_EQ(root_.at("list").at(1).text(), "two");
  EXPECT_TRUE(root_.at("nothing").is_null());
}

TEST_F(JsonFieldTest, FallsBackWhereAMemberIsMissingOrNull) {
  EXPECT_EQ(root_.integer_or("none", 7, 1, 9), 7);
  EXPECT_EQ(root_.integer_or("nothing", 7, 1, 9), 7);
  EXPECT_EQ(root_.integer_or("layers", 7, 1, 99), 12);
  EXPECT_EQ(root_.number_or("none", 0.25, 0, 1), 0.25);
  EXPECT_EQ(root_.number_or("rate", 0.25, 0, 1), 0.5);
  EXPECT_FALSE(root_.boolean_or("none", false));
  EXPECT_TRUE(root_.boolean_or("tied", false));
  EXPECT_EQ(root_.text_or("none", "relu"), "relu");
  EXPECT_EQ(root_.text_or("name", "relu"), "silu");
}

TEST_F(JsonFieldTest, FallingBackStillChecksWhatIsThere) {
  EXPECT_TRUE(says("config.json: 'layers' is 12, must be an integer from 1 to 9",
                   [&] { root_.integer_or("layers", 7, 1, 9); }));
  EXPECT_TRUE(says("config.json: 'name' is \"silu\", must be true or false",
                   [&] { root_.boolean_or("name", false); }));
}

TEST_F(JsonFieldTest, SaysWhatIsThere) {
  EXPECT_TRUE(root_.has("layers"));
  EXPECT_FALSE(root_.has("nothing"));
  EXPECT_FALSE(root_.has("none"));
  EXPECT_FALSE(root_.at("list").has("x"));
}

TEST_F(JsonFieldTest, NamesTheFieldTheValueAndTheRange) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  EXPECT_TRUE(says("config.json: 'layers' is 12, must be an integer from 13 to 20",
                   [&] { root_.at("layers").integer(13, 20); }));
  EXPECT_TRUE(says("config.json: 'layers' is 12, must be an integer of at least 13",
                   [&] { root_.at("layers").integer(13, kMax); }));
  EXPECT_TRUE(says("config.json: 'layers' is 12, must be an integer of at most 3",
                   [&] { root_.at("layers").integer(kMin, 3); }));
  EXPECT_TRUE(says("config.json: 'rate' is 0.5, must be a number from 1 to 1e+20",
                   [&] { root_.at("rate").number(1, 1e20); }));
}

TEST_F(JsonFieldTest, DoesNotConvertBetweenKinds) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  for (const char* key : {"rate", "huge", "tied", "name", "nothing", "list", "rope"}) {
    EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {key, "must be an integer of at least 0"},
                           [&] { root_.at(key).integer(0, kMax); }));
  }
  EXPECT_TRUE(says("config.json: 'rope' is an object, must be a number from 0 to 1",
                   [&] { root_.at("rope").number(0, 1); }));
  EXPECT_TRUE(
      says("config.json: 'layers' is 12, must be a string", [&] { root_.at("layers").text(); }));
  EXPECT_TRUE(says("config.json: 'layers' is 12, must be true or false",
                   [&] { root_.at("layers").boolean(); }));
  EXPECT_TRUE(
      says("config.json: 'rope' is an object, must be an array", [&] { root_.at("rope").size(); }));
  EXPECT_TRUE(says("config.json: 'list' is an array, must be an object",
                   [&] { root_.at("list").at("x"); }));
}

TEST_F(JsonFieldTest, RefusesIntegersThatOnlyAnUnsignedOneHolds) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  EXPECT_TRUE(says("config.json: 'huge' is 18446744073709551615, must be an integer",
                   [&] { root_.at("huge").integer(kMin, kMax); }));
}

TEST_F(JsonFieldTest, RefusesNotANumber) {
  const Json unread = parse_json(R"({"a": 1e999, "b": 99999999999999999999})", "x");
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint,
                         {"'a' is 1e999, which is out of range, must be a number"},
                         [&] { JsonField(unread, "x:").at("a").number(0, 1); }));
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint,
                         {"'b' is 99999999999999999999, which is out of range"},
                         [&] { JsonField(unread, "x:").at("b").integer(0, 1); }));
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint,
                         {"'a' is 1e999, which is out of range, must be a string"},
                         [&] { JsonField(unread, "x:").at("a").text(); }));
  const Json not_a_number = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"must be a number from 0 to 1"},
                         [&] { JsonField(not_a_number, "x").number(0, 1); }));
}

TEST_F(JsonFieldTest, NamesThePathToAField) {
  EXPECT_EQ(root_.at("rope").at("factor").where(), "config.json: 'rope.factor'");
  EXPECT_EQ(root_.at("rope").at("deep").at(0).at("x").where(), "config.json: 'rope.deep[0].x'");
  EXPECT_EQ(root_.at("odd\x1Bkey").where(), "config.json: 'odd\\x1bkey'");
}

TEST_F(JsonFieldTest, NamesWhatIsMissing) {
  EXPECT_TRUE(says("config.json: 'none' is missing", [&] { root_.at("none"); }));
  EXPECT_TRUE(says("config.json: 'rope.none' is missing", [&] { root_.at("rope").at("none"); }));
  EXPECT_TRUE(says("config.json: 'list' has 2 elements, number 2 is needed",
                   [&] { root_.at("list").at(2); }));
}

TEST_F(JsonFieldTest, ThrowsTheCodeItIsTold) {
  const JsonField field(document_, "line 3:", ErrorCode::usage);
  EXPECT_TRUE(
      fails_with(ErrorCode::usage, {"line 3: 'none' is missing"}, [&] { field.at("none"); }));
  EXPECT_TRUE(
      fails_with(ErrorCode::usage, {"line 3: 'rope.factor' is wrong", "hint: mend it"},
                 [&] { throw field.at("rope").at("factor").error("is wrong", "mend it"); }));
}

}  // namespace
}  // namespace unmask
