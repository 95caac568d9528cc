#include "decode/schedule.h"

#include <gtest/gtest.h>

#include "support/fixture.h"

namespace unmask {
namespace {

using testing::Fixture;
using testing::to_ints;

TEST(EvenSchedule, CountsAreTheReferences) {
  const auto schedule = make_even_schedule();
  for (const char* name : {"llada", "llada_tied", "llada_bf16"}) {
    const Fixture fixture(name);
    for (const Json& table : fixture.cases()["tables"]["num_transfer_tokens"]) {
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
  const Fixture fixture("dream");
  for (const Json& table : fixture.cases()["tables"]["dream_number_transfer_tokens"]) {
    const auto schedule = make_dream_schedule(table["eps"]);
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
  const Fixture fixture("dream");
  for (const Json& table : fixture.cases()["tables"]["dream_origin_p_transfer"]) {
    const auto schedule = make_dream_schedule(table["eps"]);
    const int steps = table["steps"];
    for (int step = 0; step < steps; ++step) {
      EXPECT_EQ(schedule->share({step, steps, 0, 0}), table["p_transfer_f32"][step].get<float>())
          << table["eps"] << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace unmask
