#include "rules/schedule/schedule.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "rules/named_rules.h"

namespace unmask {
namespace {

using testing::schedule_of;

/// The tables of a fixture: tests/fixtures/NAME/cases.json.
Json cases_of(const std::string& name) {
  const auto path = std::filesystem::path(UNMASK_FIXTURES) / name / "cases.json";
  return parse_json(read_file(path, 1 << 24), "cases.json");
}

std::vector<int> to_ints(const Json& array) { return array.get<std::vector<int>>(); }

TEST(EvenSchedule, CountsAreTheReferences) {
  const auto schedule = schedule_of("even");
  for (const char* name : {"llada", "llada_tied", "llada_bf16"}) {
    const Json cases = cases_of(name);
    for (const Json& table : cases["tables"]["num_transfer_tokens"]) {
      const int steps = table["steps"], masked = table["num_masked"];
      std::vector<int> counts;
      for (int step = 0; step < steps; ++step) {
        counts.push_back(schedule->quota({step, steps, masked, masked}));
      }
      EXPECT_EQ(counts, to_ints(table["counts"])) << table;
    }
  }
}

TEST(DreamSchedule, CountsAreTheReferencesInFloat32) {
  const Json cases = cases_of("dream");
  for (const Json& table : cases["tables"]["dream_number_transfer_tokens"]) {
    const auto schedule = schedule_of("dream:" + table["eps"].dump());
    const int steps = table["steps"];
    int left = table["num_masked"];
    std::vector<int> counts;
    for (int step = 0; step < steps; ++step) {
      counts.push_back(schedule->quota({step, steps, 0, left}));
      left -= counts.back();
    }
    EXPECT_EQ(counts, to_ints(table["counts"])) << table;
    EXPECT_EQ(left, 0);
  }
}

TEST(DreamSchedule, SharesAreTheReferencesToTheBit) {
  const Json cases = cases_of("dream");
  for (const Json& table : cases["tables"]["dream_origin_p_transfer"]) {
    const auto schedule = schedule_of("dream:" + table["eps"].dump());
    const int steps = table["steps"];
    for (int step = 0; step < steps; ++step) {
      EXPECT_EQ(schedule->share({step, steps, 0, 0}), table["p_transfer_f32"][step].get<float>())
          << table["eps"] << ", step " << step;
    }
  }
}

/// The cases of a list in `quantities`.
Json quantity(const std::string& fixture, const std::string& name) {
  const Json cases = cases_of(fixture);
  for (const Json& quantity : cases["quantities"]) {
    if (quantity["name"] == name) return quantity["cases"];
  }
  throw std::runtime_error("no quantity " + name);
}

/// What a schedule commits in each step of a block without prompt.
std::vector<int> counts_of(const Schedule& schedule, int steps, int open) {
  std::vector<int> counts;
  for (int step = 0, left = open; step < steps; ++step) {
    counts.push_back(schedule.quota({step, steps, open, left, /*length=*/open}));
    left -= counts.back();
  }
  return counts;
}

TEST(BlockSchedule, CountsAreThoseOfLlada2AndSdar) {
  const auto schedule = schedule_of("block");
  const Json llada2 = cases_of("llada2")["tables"]["num_transfer_tokens"];
  for (const Json& tables : {llada2, quantity("sdar", "num_transfer_tokens")}) {
    ASSERT_FALSE(tables.empty());
    for (const Json& table : tables) {
      EXPECT_EQ(counts_of(*schedule, table["steps"], table["block_length"]),
                to_ints(table["counts"]))
          << table;
    }
  }
  // Whatever of the block is prompt.
  EXPECT_EQ(schedule->quota({/*step=*/0, /*steps=*/4, /*open_at_start=*/1, /*candidates=*/1,
                             /*length=*/8}),
            2);
}

TEST(DllmSchedule, CountsAreTheReferencesAndEmptyStepsComeLast) {
  for (const char* name : {"a2d_qwen3", "a2d_qwen2", "a2d_llama"}) {
    const Json tables = quantity(name, "num_transfer_tokens");
    ASSERT_FALSE(tables.empty());
    for (const Json& table : tables) {
      const auto schedule = schedule_of("dllm:" + table["scheduler"].get<std::string>());
      const int steps = table["steps"];
      std::vector<int> expected = to_ints(table["counts"]);
      expected.resize(steps, 0);
      EXPECT_EQ(counts_of(*schedule, steps, table["masked"]), expected) << table;
    }
  }
}

TEST(DllmSchedule, OneObjectServesBlocksOfDifferentSizes) {
  const auto schedule = schedule_of("dllm:linear");
  const auto fresh = counts_of(*schedule_of("dllm:linear"), 5, 7);
  EXPECT_NE(counts_of(*schedule, 5, 13), fresh);
  EXPECT_EQ(counts_of(*schedule, 5, 7), fresh);
}

TEST(DreamSchedule, CountsAndSharesAreSmdms) {
  const auto schedule = schedule_of("dream:1e-5");
  const Json tables = quantity("smdm", "number_transfer_tokens");
  ASSERT_FALSE(tables.empty());
  for (const Json& table : tables) {
    const int steps = table["steps"];
    EXPECT_EQ(counts_of(*schedule, steps, table["masked"]), to_ints(table["counts"]));
    for (int step = 0; step < steps; ++step) {
      EXPECT_EQ(schedule->share({step, steps, 0, 0}), table["p_transfer_origin"][step].get<float>())
          << steps << " steps, step " << step;
    }
  }
}

TEST(Rnd1Schedule, KeepsAnEvenlyFallingShareRoundedDown) {
  const auto schedule = schedule_of("rnd1");
  EXPECT_EQ(counts_of(*schedule, 6, 10), (std::vector<int>{2, 2, 1, 2, 2, 1}));
  EXPECT_EQ(counts_of(*schedule, 5, 2), (std::vector<int>{1, 0, 1, 0, 0}));
  EXPECT_EQ(counts_of(*schedule, 1, 7), (std::vector<int>{7}));
  // What an entropy bound has committed beyond it is not taken back.
  EXPECT_EQ(schedule->quota({/*step=*/0, /*steps=*/2, /*open_at_start=*/8, /*candidates=*/3}), 0);
}

}  // namespace
}  // namespace unmask
