// Fast-dLLM's factor (generate.py, get_transfer_index_dynamic): the surest candidates, as many as
// there are n such that the k-th of them, for every k up to n, has a confidence of at least
// 1 - F / (k + 1); the best one always. If n tokens are each that sure, their product and their
// joint distribution have the same most probable value; F scales the bound.
#include <algorithm>
#include <numeric>

#include "rules/commit/commit.h"

namespace unmask {
namespace {

class FactorCommit : public CommitRule {
 public:
  FactorCommit(double factor, bool take_last) : factor_(factor), take_last_(take_last) {}

  bool is_idle(const Schedule&, const StepInBlock& at) const override { return at.candidates == 0; }

  std::vector<int> choose(const Prediction& prediction, const Schedule&, const StepInBlock&, int,
                          Noise&) override {
    std::vector<float> sorted = prediction.confidence;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    const int all = static_cast<int>(sorted.size());
    int count = std::min(1, all);
    while (count < all && sorted[count] >= 1 - factor_ / (count + 2)) ++count;
    // The reference's loop ends alike when the last candidate fails and when none does.
    if (take_last_ && count == all - 1) count = all;
    return best_indices(prediction.confidence, count);
  }

 private:
  double factor_;
  bool take_last_;
};

constexpr Parameter kFactorParameters[] = {{.name = "F"}};

}  // namespace

extern const CommitCard kFactorCommit{
    .rule = {.name = "factor",
             .help = "the more at once, the surer",
             .parameters = kFactorParameters},
    .make = [](Values values, const DecodeOptions& options) -> std::unique_ptr<CommitRule> {
      return std::make_unique<FactorCommit>(values[0], options.fast_dllm_habits);
    },
    .ending = Ending::filled,
};

}  // namespace unmask
