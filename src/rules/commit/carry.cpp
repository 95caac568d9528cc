// Fast-dLLM's `confidence_threshold` for Dream without blocks (dream/model/generation_utils.py): of
// the schedule's quota, those are put off that the network is less sure of than a bound, never the
// best one; the next step looks at that many more. After the last step it goes on with what was put
// off until nothing is open.
#include <algorithm>

#include "rules/commit/commit.h"

namespace unmask {
namespace {

class CarryCommit : public CommitRule {
 public:
  explicit CarryCommit(double bound) : bound_(static_cast<float>(bound)) {}

  bool is_idle(const Schedule&, const StepInBlock& at) const override { return at.candidates == 0; }

  std::vector<int> choose(const Prediction& prediction, const Schedule& schedule,
                          const StepInBlock& at, int, Noise&) override {
    const int quota = at.step < at.steps ? schedule.quota(at) : 0;
    const std::vector<int> looked_at = best_indices(prediction.rank, std::max(1, quota + carried_));
    const std::vector<int> best = best_indices(prediction.rank, 1);
    std::vector<int> chosen;
    for (const int i : looked_at) {
      if (prediction.confidence[i] >= bound_ || i == best.front()) chosen.push_back(i);
    }
    carried_ = static_cast<int>(looked_at.size() - chosen.size());
    return chosen;
  }

 private:
  float bound_;
  int carried_ = 0;
};

constexpr Parameter kCarryParameters[] = {{.name = "T"}};

}  // namespace

extern const CommitCard kCarryCommit{
    .rule = {.name = "carry",
             .help = "quota, what is less sure than T put off",
             .parameters = kCarryParameters},
    .make = make_commit_of_one<CarryCommit>,
    .ending = Ending::late,
};

}  // namespace unmask
