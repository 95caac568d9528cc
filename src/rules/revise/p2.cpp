// P2 ("path planning", Open-dCoder's generation_utils.py): each step predicts every position that
// is not given, settled or open. The least sure ones become masks, fewer from step to step; open
// positions that are not among them get their token, settled ones keep theirs. A settled position
// is as sure as the network is of its best id there now, whichever token it holds.
#include <cmath>

#include "rules/commit/commit.h"
#include "rules/rule.h"

namespace unmask {
namespace {

class P2Rule : public Rule {
 public:
  P2Rule(const DecodeOptions& options, const Canvas& canvas)
      : sampling_(options),
        positions_(canvas.editable_positions(0, canvas.size())),
        steps_(options.steps > 0 ? options.steps : static_cast<int>(positions_.size())) {}

  int bound() const override { return steps_; }

  std::optional<Wants> next(const Canvas& canvas) override {
    // Nothing can change once nothing is open, though steps may be left: as the reference.
    if (step_ == steps_ || canvas.count_open(0, canvas.size()) == 0) return std::nullopt;
    const Range all{0, canvas.size()};
    return Wants{.rows = positions_, .step = step_, .block = 0, .block_range = all, .focus = all};
  }

  Edit step(const Canvas& canvas, const Distributions& said, Noise& noise) override {
    // What a settled position is judged by is not written.
    const Prediction settled = said.predict(sampling_.judging(), step_, noise);
    const Prediction open = said.predict(sampling_, step_, noise);
    std::vector<float> doubt;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      doubt.push_back(-(canvas.is_open(positions_[i]) ? open : settled).rank[i]);
    }
    std::vector<bool> masked(positions_.size(), false);
    for (const int i : best_indices(doubt, count_masked())) masked[i] = true;
    ++step_;
    Edit edit;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      const bool is_open = canvas.is_open(positions_[i]);
      if (masked[i] && !is_open) edit.reopen.push_back(positions_[i]);
      if (!masked[i] && is_open) {
        edit.writes.push_back({positions_[i], open.tokens[i], open.confidence[i]});
      }
    }
    return edit;
  }

  int final_before(const Canvas& canvas) const override {
    return canvas.count_open(0, canvas.size()) == 0 ? canvas.size() : 0;
  }

 private:
  /// The product is float32, because it is rounded down and another precision gives other counts.
  int count_masked() const {
    const double masked = 1 - static_cast<double>(step_ + 1) / steps_;
    return static_cast<int>(static_cast<float>(positions_.size()) * static_cast<float>(masked));
  }

  Sampling sampling_;
  std::vector<int> positions_;
  int steps_;
  int step_ = 0;
};

}  // namespace

extern const ReviseCard kP2Revise{
    .rule = {.name = "p2", .help = "the least sure, fewer from step to step"},
    .make_whole = [](const DecodeOptions& options, const Canvas& canvas) -> std::unique_ptr<Rule> {
      return std::make_unique<P2Rule>(options, canvas);
    },
    .goes_with = "quota",
    .finality = Finality::at_end,
};

}  // namespace unmask
