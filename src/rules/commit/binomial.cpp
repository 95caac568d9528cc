// dllm's `stochastic_transfer` (core/samplers/utils.py): how many positions a step commits is
// drawn, each open one counting with the schedule's share; they are the best ranked ones. A step
// that draws none costs its pass all the same.
#include "rules/commit/commit.h"

namespace unmask {
namespace {

class BinomialCommit : public CommitRule {
 public:
  bool is_idle(const Schedule&, const StepInBlock& at) const override { return at.candidates == 0; }

  std::vector<int> choose(const Prediction& prediction, const Schedule& schedule,
                          const StepInBlock& at, int step, Noise& noise) override {
    const double share = schedule.share(at);
    int count = 0;
    for (const int position : prediction.positions) {
      count += noise.uniform(Purpose::transfer, step, position) < share;
    }
    return best_indices(prediction.rank, count);
  }
};

}  // namespace

extern const CommitCard kBinomialCommit{
    .rule = {.name = "binomial", .help = "quota with a drawn number"},
    .make = make_commit<BinomialCommit>,
    .draws = true,
};

}  // namespace unmask
