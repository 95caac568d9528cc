// The reverse process on networks of ours. Whole runs of the references are in
// decode/ancestral_run_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>

#include "rules/scripted_network.h"

namespace unmask {
namespace {

using testing::nothing_said;
using testing::Said;
using testing::said_of;

constexpr int kVocab = 10, kMask = 9;

DecodeOptions sampling(int steps) {
  DecodeOptions options;
  options.steps = steps;
  set_option(options, "commit", "ancestral");
  set_option(options, "schedule", "linear");
  options.temperature = 1;
  return options;
}

TEST(AncestralRule, AsksForNothingAsLongAsNothingChanges) {
  Canvas canvas(std::vector<int>{1}, {}, 4, kMask);
  const auto rule = make_rule(sampling(200), canvas);
  SeededNoise noise(1);
  const auto network = [](const Canvas&, int position) { return Said{position, 0.9}; };
  bool changed = true;
  int passes = 0;
  while (const auto wants = rule->next(canvas)) {
    EXPECT_EQ(wants->rows.empty(), !changed);
    passes += !wants->rows.empty();
    const Edit edit =
        wants->rows.empty()
            ? rule->step(canvas, nothing_said(), noise)
            : rule->step(canvas, said_of(network, canvas, wants->rows, kVocab), noise);
    changed = !edit.writes.empty();
    canvas.apply(edit);
  }
  EXPECT_LE(passes, 1 + 4);
  EXPECT_EQ(canvas.count_open(0, canvas.size()), 0);
}

TEST(AncestralRule, NeverWritesTheMask) {
  for (const double temperature : {0.0, 1.0}) {
    DecodeOptions options = sampling(5);
    options.temperature = temperature;
    Canvas canvas({}, {}, 30, kMask);
    const auto rule = make_rule(options, canvas);
    const auto network = [](const Canvas&, int) { return Said{kMask, 0.9}; };
    for (const auto& step : testing::run_scripted(*rule, canvas, network, kVocab)) {
      for (const Write& write : step.edit.writes) EXPECT_NE(write.token, kMask);
    }
    EXPECT_EQ(std::ranges::count(canvas.ids(), kMask), 0);
  }
}

}  // namespace
}  // namespace unmask
