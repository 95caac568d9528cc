#include <gtest/gtest.h>

#include "base/json.h"
#include "base/testing.h"

namespace unmask {
namespace {

using testing::fails_with;

// What the sinks of "model.vocab" and "list" get, one item after the other.
std::string taken(const std::string& text, std::string* document = nullptr) {
  std::string items;
  const auto member = [&](std::string_view key, const Json& value) {
    items += std::string(key) + "=" + value.dump() + ";";
  };
  const auto element = [&](const Json& value) { items += value.dump() + ";"; };
  const JsonSink sinks[] = {{"model.vocab", member, nullptr}, {"list", nullptr, element}};
  const Json json = parse_json(text, "x.json", sinks);
  if (document != nullptr) *document = json.dump();
  return items;
}

TEST(JsonSink, TakesMembersAndElements) {
  std::string document;
  EXPECT_EQ(taken(R"({"a":1,"model":{"vocab":{"x":1,"y":[2,{"z":3}]},"b":[4]},"list":[5,[6]]})",
                  &document),
            R"(x=1;y=[2,{"z":3}];5;[6];)");
  EXPECT_EQ(document, R"({"a":1,"list":[],"model":{"b":[4],"vocab":{}}})");
}

TEST(JsonSink, TakesNothingFromOtherPlaces) {
  for (const char* text :
       {R"({"vocab":{"x":1}})", R"({"model.vocab":{"x":1}})", R"({"a":{"list":[1]}})",
        R"({"model":{"a":{"vocab":{"x":1}}}})", R"([{"list":[1]}])",
        R"({"model":{"vocab":[["x",1]]},"list":{"x":1}})"}) {
    std::string document;
    EXPECT_EQ(taken(text, &document), "");
    EXPECT_EQ(document, Json::parse(text).dump());
  }
}

TEST(JsonSink, TakesTheWholeDocument) {
  std::string items;
  const JsonSink sink{"", [&](std::string_view key, const Json&) { items += key; }, nullptr};
  EXPECT_EQ(parse_json(R"({"a":{"b":1},"c":2})", "x.json", {&sink, 1}), Json::object());
  EXPECT_EQ(items, "ac");
}

TEST(JsonSink, IsAsStrictAsWithout) {
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"x.json:1:"}, [] { taken(R"({"list":[1,]})"); }));
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"x.json:1:"}, [] { taken(R"({"list":[01]})"); }));
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"twice"},
                         [] { taken(R"({"model":{"vocab":{"x":{"y":1,"y":2}}}})"); }));
}

}  // namespace
}  // namespace unmask
