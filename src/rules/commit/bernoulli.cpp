// Dream's `origin`: every open position by itself is committed with the schedule's share. The draws
// are made in the order of the positions.
#include "rules/commit/commit.h"

namespace unmask {
namespace {

class BernoulliCommit : public CommitRule {
 public:
  bool is_idle(const Schedule&, const StepInBlock& at) const override { return at.candidates == 0; }

  std::vector<int> choose(const Prediction& prediction, const Schedule& schedule,
                          const StepInBlock& at, int step, Noise& noise) override {
    const double share = schedule.share(at);
    std::vector<int> chosen;
    for (std::size_t i = 0; i < prediction.positions.size(); ++i) {
      if (noise.uniform(Purpose::transfer, step, prediction.positions[i]) < share) {
        chosen.push_back(static_cast<int>(i));
      }
    }
    return chosen;
  }
};

}  // namespace

extern const CommitCard kBernoulliCommit{
    .rule = {.name = "bernoulli", .help = "each by itself"},
    .make = make_commit<BernoulliCommit>,
    .draws = true,
};

}  // namespace unmask
