// Draft and verify writes what `quota` writes, step by step, in fewer passes.
#include <gtest/gtest.h>

#include "rules/scripted_network.h"

namespace unmask {
namespace {

using testing::Said;
using testing::said_of;
using testing::ScriptedDistributions;
using testing::ScriptedNetwork;

constexpr int kVocab = 12, kMask = 11;

/// What a rule wrote, and in how many passes.
struct ScriptedRun {
  std::vector<std::vector<int>> states;
  int passes = 0;
};

/// What is said of all drafts, one behind the other.
ScriptedDistributions said_of_drafts(const ScriptedNetwork& network, const Wants& wants) {
  std::vector<int> positions;
  ScriptedDistributions::Rows logits;
  for (const Draft& draft : wants.drafts) {
    std::vector<int> open;
    for (std::size_t i = 0; i < draft.ids.size(); ++i) {
      if (draft.ids[i] == kMask) open.push_back(static_cast<int>(i));
    }
    const Canvas drafted(draft.ids, open, 0, kMask);
    const ScriptedDistributions said = said_of(network, drafted, draft.rows, kVocab);
    positions.insert(positions.end(), draft.rows.begin(), draft.rows.end());
    logits.insert(logits.end(), said.logits().begin(), said.logits().end());
  }
  return {positions, logits, kMask};
}

ScriptedRun run(const DecodeOptions& options, const ScriptedNetwork& network, int prompt) {
  Canvas canvas(std::vector<int>(prompt, 1), {}, canvas_size(options, prompt) - prompt, kMask);
  const auto rule = make_rule(options, canvas);
  SeededNoise noise(1);
  ScriptedRun run;
  while (const std::optional<Wants> wants = rule->next(canvas)) {
    const ScriptedDistributions said = wants->rows.empty()
                                           ? said_of_drafts(network, *wants)
                                           : said_of(network, canvas, wants->rows, kVocab);
    run.passes += !said.positions().empty();
    canvas.apply(rule->step(canvas, said, noise));
    run.states.emplace_back(canvas.ids().begin(), canvas.ids().end());
  }
  EXPECT_EQ(canvas.count_open(0, canvas.size()), 0);
  return run;
}

/// A network whose mind changes now and then: token and probability are a hash of the position and
/// of how many of the positions before it are open, halved `memory` times.
ScriptedNetwork fickle(unsigned seed, unsigned memory) {
  return [=](const Canvas& canvas, int position) -> Said {
    const auto open = static_cast<unsigned>(canvas.count_open(0, canvas.size())) >> memory;
    unsigned hash = seed * 2654435761U + static_cast<unsigned>(position) * 40503U + open * 97U;
    hash = (hash ^ (hash >> 15)) * 2246822519U;
    hash ^= hash >> 13;
    return {static_cast<int>(hash % 11), 0.2 + 0.7 * ((hash >> 8) % 1000) / 1000.0};
  };
}

TEST(VerifyRule, WritesWhatQuotaWritesInFewerPasses) {
  int fewer = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    DecodeOptions options;
    options.length = 10 + static_cast<int>(seed % 13);
    options.block = seed % 3 == 0 ? 0 : 4 + static_cast<int>(seed % 4);
    options.steps = 8 + static_cast<int>(seed % 5);
    options.temperature = seed % 4 == 0 ? 0.8 : 0;
    set_option(options, "schedule", seed % 5 == 0 ? "dream" : "even");
    options.order = seed % 7 == 0 ? Order::random : Order::confidence;
    const ScriptedNetwork network = fickle(seed, seed % 5);
    const ScriptedRun sequential = run(options, network, 3);
    for (const int drafts : {1, 2, 3, 5}) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", drafts " + std::to_string(drafts));
      set_option(options, "commit", "verify:" + std::to_string(drafts));
      const ScriptedRun verified = run(options, network, 3);
      EXPECT_EQ(verified.states, sequential.states);
      EXPECT_LE(verified.passes, sequential.passes);
      if (drafts == 1) {
        EXPECT_EQ(verified.passes, sequential.passes);
      }
      fewer += verified.passes < sequential.passes;
    }
  }
  EXPECT_GT(fewer, 60);
}

TEST(VerifyRule, OfANetworkThatNeverChangesItsMindTakesAPassForSoManyDrafts) {
  DecodeOptions options;
  options.length = 13;
  set_option(options, "commit", "verify:4");
  const ScriptedNetwork steady = [](const Canvas&, int position) -> Said {
    return {position % 10, 0.9 - 0.01 * position};
  };
  // The first pass is one step, each of the others four.
  EXPECT_EQ(run(options, steady, 2).passes, 4);
}

TEST(VerifyRule, AsksForNoMoreDraftsThanItMay) {
  DecodeOptions options;
  options.length = 9;
  set_option(options, "commit", "verify:3");
  Canvas canvas(std::vector<int>{1}, {}, 9, kMask);
  const auto rule = make_rule(options, canvas);
  SeededNoise noise(1);
  std::vector<std::size_t> counts;
  while (const auto wants = rule->next(canvas)) {
    EXPECT_TRUE(wants->rows.empty());
    counts.push_back(wants->drafts.size());
    const ScriptedNetwork steady = [](const Canvas&, int) -> Said { return {10, 0.5}; };
    canvas.apply(rule->step(canvas, said_of_drafts(steady, *wants), noise));
  }
  EXPECT_EQ(counts, (std::vector<std::size_t>{1, 3, 0, 0, 3, 0, 0, 2, 0}));
}

}  // namespace
}  // namespace unmask
