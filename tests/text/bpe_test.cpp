#include "text/bpe.h"

#include <gtest/gtest.h>

#include <random>

#include "text/token_table.h"

namespace unmask {
namespace {

// The definition, at its slowest.
void merge_plainly(const MergeTable& merges, std::vector<int>& symbols) {
  while (true) {
    const MergeTable::Merge* best = nullptr;
    std::size_t at = 0;
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
      const auto* merge = merges.find(symbols[i], symbols[i + 1]);
      if (merge != nullptr && (best == nullptr || merge->rank < best->rank)) {
        best = merge;
        at = i;
      }
    }
    if (best == nullptr) return;
    symbols[at] = best->id;
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
}

// Not a table that training would give: results are anything, so merges may go around in circles.
MergeTable random_merges(std::mt19937& random, int symbols) {
  MergeTable merges;
  for (int i = 0; i < 60; ++i) {
    const auto pick = [&] { return static_cast<int>(random() % static_cast<unsigned>(symbols)); };
    const int left = pick();
    const int right = pick();
    merges.add(left, right, pick());
  }
  return merges;
}

TEST(ApplyMerges, FollowsTheDefinitionForShortAndLongWords) {
  std::mt19937 random(4);
  for (int round = 0; round < 400; ++round) {
    const MergeTable merges = random_merges(random, 12);
    std::vector<int> word(random() % 80);
    for (int& symbol : word) symbol = static_cast<int>(random() % 12);
    std::vector<int> expected = word;
    merge_plainly(merges, expected);
    std::vector<int> symbols{-5};  // what stands before the word stays
    symbols.insert(symbols.end(), word.begin(), word.end());
    apply_merges(merges, symbols, 1);
    expected.insert(expected.begin(), -5);
    ASSERT_EQ(symbols, expected) << "word of " << word.size();
  }
}

TEST(ApplyMerges, EndsWhereMergesGoInCircles) {
  MergeTable merges;
  merges.add(0, 0, 0);  // a token that is made of itself twice
  std::vector<int> symbols(100'000, 0);
  apply_merges(merges, symbols, 0);
  EXPECT_EQ(symbols, std::vector<int>{0});
}

TEST(MergeTable, KeepsRanksAndRefusesASecondMergeOfAPair) {
  MergeTable merges;
  EXPECT_EQ(merges.find(1, 2), nullptr);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(merges.add(i, i + 1, i + 2));
  EXPECT_FALSE(merges.add(5, 6, 9));
  EXPECT_EQ(merges.size(), 1000U);
  EXPECT_EQ(merges.find(7, 8)->rank, 7U);
  EXPECT_EQ(merges.find(8, 7), nullptr);
}

TEST(TokenTable, FindsTokensBothWaysAndKnowsGaps) {
  TokenTable table;
  EXPECT_EQ(table.find("a"), std::nullopt);
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(table.insert("token" + std::to_string(i), 2 * i), TokenTable::Insert::done);
  }
  EXPECT_EQ(table.insert("other", 4), TokenTable::Insert::known_id);
  EXPECT_EQ(table.insert("token4", 9999), TokenTable::Insert::known_token);
  EXPECT_EQ(table.find("token4999"), 9998);
  EXPECT_EQ(table.text(2), "token1");
  EXPECT_EQ(table.text(3), "");
  EXPECT_EQ(table.text(-1), "");
  EXPECT_EQ(table.text(1 << 30), "");
  EXPECT_EQ(table.size(), 9999);
}

}  // namespace
}  // namespace unmask
