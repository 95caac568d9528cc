// The tokenizers of the model fixtures, with the texts of their cases.json.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/testing.h"
#include "references/fixtures.h"
#include "text/files_in.h"
#include "text/tokenizer.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;

// A list of {"text","ids","decoded"}, by itself or under "encode".
Json texts_of(const fs::path& family) {
  const auto path = family / "cases.json";
  const Json tokenizer = parse_json(testing::content_of(path), path.string()).at("tokenizer");
  return tokenizer.is_array() ? tokenizer : tokenizer.at("encode");
}

// Returns how many texts there were.
std::size_t check(const fs::path& family) {
  const auto tokenizer = load_tokenizer(testing::files_in(family / "model"));
  const Json texts = texts_of(family);
  for (const Json& entry : texts) {
    SCOPED_TRACE(family.string() + ": " + entry.dump());
    const auto text = entry.at("text").get<std::string>();
    const auto ids =
        entry.at(entry.contains("ids") ? "ids" : "ids_without_bos").get<std::vector<int>>();
    // These texts hold no control pieces, which sentencepiece never finds in a text.
    EXPECT_EQ(tokenizer->encode(text, {.allow_special = true}), ids);
    EXPECT_EQ(tokenizer->decode(ids, false), entry.at("decoded").get<std::string>());
  }
  return texts.size();
}

TEST(FamilyTokenizer, EncodesTheTextsOfTheFixtures) {
  std::size_t families = 0;
  for (const std::string& name : testing::all_fixtures()) {
    EXPECT_GE(check(testing::fixture(name)), 4U) << name;
    ++families;
  }
  EXPECT_EQ(families, 22U);
}

}  // namespace
}  // namespace unmask
