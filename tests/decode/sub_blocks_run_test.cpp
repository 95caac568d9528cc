// Fast-dLLM v2's rule and its block cache in a real network: the ranges that are computed, and what
// the trajectories of generate_test do not show.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "decode/prediction.h"
#include "decode/sequence.h"
#include "decode/trajectory.h"
#include "rules/cards.h"

namespace unmask {
namespace {

using testing::Fixture;
using testing::ReferenceCase;

DecodeOptions parts(int block, int sub_block, double threshold) {
  DecodeOptions options;
  options.block = block;
  options.sub_block = sub_block;
  options.grid = BlockGrid::absolute;
  options.attention = AttentionKind::block;
  options.commit = {find_card<CommitCard>("threshold"), {threshold, 1}};
  return options;
}

/// [sub-block, tokens of the block that are computed] of every pass within a block, as the
/// reference lists it.
std::vector<std::array<int, 2>> computed_parts(const Model& model,
                                               const GenerationRequest& request) {
  const int block = request.options.block, part = request.options.sub_block;
  Sequence sequence(0, request, model, std::make_unique<SeededNoise>(1));
  std::vector<std::array<int, 2>> computed;
  for (;;) {
    const std::vector<Request> asked = sequence.next_requests(nullptr);
    if (asked.empty()) return computed;
    const int end = static_cast<int>(asked[0].ids.size()), first_row = asked[0].rows.front();
    if (first_row < end) {
      const std::vector<int>& all = asked[0].compute;
      const auto within =
          std::count_if(all.begin(), all.end(), [&](int index) { return index >= end - block; });
      computed.push_back({first_row % block / part, static_cast<int>(within)});
    }
    sequence.advance(model.predict(asked), nullptr);
  }
}

TEST(SubBlockCache, ComputesWhatTheReferenceForwards) {
  const c10::InferenceMode inference;
  const Fixture fixture("fast_dllm_v2");
  const Json& cases = fixture.cases()["generate"];
  const std::vector<ReferenceCase> references = testing::reference_cases("fast_dllm_v2");
  const Model model = fixture.load();
  ASSERT_EQ(references.size(), cases.size());
  int compared = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(references[i].name);
    ASSERT_EQ(cases[i]["name"], references[i].name);
    const GenerationRequest request =
        request_of(references[i], references[i].rows[0], model.facts());
    const auto golden =
        cases[i]["step_small_block_and_forward_length"].get<std::vector<std::array<int, 2>>>();
    // Without the block cache the reference forwards the whole block each time, as we do.
    EXPECT_EQ(computed_parts(model, request), golden);
    ++compared;
  }
  EXPECT_EQ(compared, 9);
}

TEST(SubBlockRule, TheDistributionIsTheReferences) {
  const Fixture fixture("fast_dllm_v2");
  const Json& table = fixture.cases()["quantities"][0];
  const at::Tensor logits = fixture.golden(table["logits"]);
  int compared = 0;
  for (const Json& test_case : table["cases"]) {
    DecodeOptions options;
    options.temperature = test_case["temperature"];
    if (options.temperature > 0) options.top_p = test_case["top_p"];
    EXPECT_EQ(testing::first_difference(filtered_probabilities(logits, options),
                                        fixture.golden(test_case["probs"]), 1e-6, 1e-5),
              "");
    ++compared;
  }
  EXPECT_EQ(compared, 3);
}

TEST(SubBlockRule, APromptAsLongAsABlockStaysInSight) {
  // The reference forgets it (its prefill is only for longer ones). Ours: the same as without
  // cache.
  const c10::InferenceMode inference;
  const Fixture fixture("fast_dllm_v2");
  const Model model = fixture.load();
  GenerationRequest request;
  request.mask_id = fixture.cases()["ids"]["mask"].get<int>();
  std::vector<int> prompt;
  for (int i = 0; i < 8; ++i) prompt.push_back(11 * i + 3);
  request.canvas = {Segment::given(prompt)};
  request.options = parts(8, 4, 0.6);
  request.options.length = 17;
  request.options.early_stop = false;
  std::vector<std::vector<int>> canvases;
  for (const char* cache : {"none", "block"}) {
    set_option(request.options, "cache", cache);
    canvases.push_back(testing::run_together(model, {request})[0].result.canvas);
  }
  EXPECT_EQ(canvases[0], canvases[1]);
  GenerationRequest other = request;
  other.canvas[0].ids[0] = 200;
  EXPECT_NE(testing::run_together(model, {other})[0].result.canvas[8 + 4], canvases[0][8 + 4]);
}

}  // namespace
}  // namespace unmask
