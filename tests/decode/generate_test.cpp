// Every denoising trajectory of the references, step by step.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "decode/replayed_noise.h"
#include "decode/trajectory.h"

namespace unmask {
namespace {

using testing::expect_reference;
using testing::Fixture;
using testing::Options;
using testing::reference_cases;
using testing::ReferenceCase;
using testing::ReplayedNoise;
using testing::request_of;
using testing::run_alone;
using testing::run_together;
using testing::TracedRun;

class Trajectory : public ::testing::TestWithParam<std::string> {
 protected:
  const Fixture fixture_{GetParam()};

 private:
  c10::InferenceMode inference_;
};

/// With and without a cache, where there can be one that is exact.
std::vector<Options> exact_caches(const ReferenceCase& reference, const ModelFacts& facts) {
  const GenerationRequest request = request_of(reference, reference.rows.front(), facts);
  if (request.options.attention == AttentionKind::full || request.options.sub_block > 0)
    return {{}};
  return {{{"cache", "none"}}, {{"cache", "block"}}};
}

TEST_P(Trajectory, IsTheReferencesStepByStep) {
  int compared = 0;
  for (const ReferenceCase& reference : reference_cases(GetParam())) {
    if (!reference.binding || reference.coupled) continue;
    const Model model = load_for(fixture_, reference);
    for (const Options& cache : exact_caches(reference, model.facts())) {
      for (const auto& row : reference.rows) {
        SCOPED_TRACE(reference.name + (cache.empty() ? "" : ", cache " + cache[0].second));
        expect_reference(run_alone(model, request_of(reference, row, model.facts(), cache)),
                         reference, row);
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 0);
}

TEST_P(Trajectory, WithTheReferencesNoiseIsTheReferences) {
  const auto references = reference_cases(GetParam(), "generate_with_noise");
  const Json cases = fixture_.cases().value("generate_with_noise", Json::array());
  ASSERT_EQ(references.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(references[i].name);
    const Model model = load_for(fixture_, references[i]);
    std::vector<at::Tensor> noise;
    for (const Json& draw : cases[i]["noise"]) noise.push_back(fixture_.golden(draw["tensor"]));
    ASSERT_EQ(references[i].rows.size(), 1U);
    const auto& row = references[i].rows.front();
    expect_reference(run_alone(model, request_of(references[i], row, model.facts()),
                               std::make_unique<ReplayedNoise>(noise)),
                     references[i], row);
  }
}

TEST_P(Trajectory, TogetherIsAsOneByOne) {
  // Requests of unequal prompts, lengths and rules in one batch: what each gets is what it gets
  // alone.
  const Model model = fixture_.load();
  std::vector<GenerationRequest> requests;
  for (const ReferenceCase& reference : reference_cases(GetParam())) {
    for (const Options& cache : exact_caches(reference, model.facts())) {
      for (const auto& row : reference.rows) {
        requests.push_back(request_of(reference, row, model.facts(), cache));
      }
    }
  }
  const std::vector<TracedRun> together = run_together(model, requests);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const TracedRun alone = run_alone(model, requests[i]);
    EXPECT_EQ(together[i].states, alone.states) << "request " << i;
    EXPECT_EQ(together[i].result.forwards, alone.result.forwards);
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, Trajectory,
                         ::testing::ValuesIn(testing::deterministic_fixtures()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace unmask
