// As many as the schedule gives the step: the best ranked, or with an order temperature a draw
// without replacement from softmax(rank / temperature) (Dream's alg_temp), by the Gumbel top-k
// trick.
#include <algorithm>
#include <cmath>

#include "rules/commit/commit.h"

namespace unmask {
namespace {

class QuotaCommit : public CommitRule {
 public:
  explicit QuotaCommit(double order_temperature) : order_temperature_(order_temperature) {}

  bool is_idle(const Schedule& schedule, const StepInBlock& at) const override {
    return schedule.quota(at) == 0;
  }

  std::vector<int> choose(const Prediction& prediction, const Schedule& schedule,
                          const StepInBlock& at, int step, Noise& noise) override {
    std::vector<float> values = prediction.rank;
    if (order_temperature_ > 0) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double u = noise.uniform(Purpose::transfer, step, prediction.positions[i]);
        // Scaled by the temperature instead of divided, so that a tiny one cannot overflow.
        values[i] -= static_cast<float>(order_temperature_ * std::log(-std::log(u)));
      }
    }
    return best_indices(values, schedule.quota(at));
  }

 private:
  double order_temperature_;
};

}  // namespace

extern const CommitCard kQuotaCommit{
    .rule = {.name = "quota", .help = "the first ones"},
    .make = [](Values, const DecodeOptions& options) -> std::unique_ptr<CommitRule> {
      return std::make_unique<QuotaCommit>(options.order_temperature);
    },
};

}  // namespace unmask
