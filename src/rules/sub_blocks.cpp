// Fast-dLLM v2 (the model's own generate). Blocks at multiples of their length are finished from
// left to right, each in sub-blocks from left to right; a step commits the open positions of the
// sub-block that the network is sure of, at least the best one. The first token of a block is what
// the network predicts to follow the finished block before it, in a step of its own: the outputs
// are shifted by one, and those of a block say nothing about its own first token.
#include <algorithm>

#include "rules/block_cursor.h"
#include "rules/block_grid.h"
#include "rules/commit/commit.h"
#include "rules/rule.h"

namespace unmask {
namespace {

class SubBlockRule : public Rule {
 public:
  SubBlockRule(const DecodeOptions& options, const Canvas& canvas)
      : options_(options),
        cursor_(cut_into_blocks(options, canvas), options),
        bound_(canvas.count_open(0, canvas.size())) {}

  int bound() const override { return bound_; }

  std::optional<Wants> next(const Canvas& canvas) override {
    while (!cursor_.at_end() && cursor_.is_filled(canvas)) cursor_.leave(canvas);
    if (cursor_.at_end()) return std::nullopt;
    const Range block = cursor_.range();
    Wants wants;
    wants.step = step_;
    wants.block = cursor_.index();
    if (is_first_token_open(canvas)) {
      wants.rows = {block.begin};
      wants.block_range = {std::max(block.begin - options_.block, 0), block.begin};
      wants.focus = wants.block_range;
    } else {
      wants.block_range = block;
      wants.focus = first_open_part(canvas, block);
      wants.rows = canvas.open_positions(wants.focus.begin, wants.focus.end);
    }
    return wants;
  }

  Edit step(const Canvas& canvas, const Distributions& said, Noise& noise) override {
    // As the reference: the first token of a block is the best one at any temperature, and the
    // distribution is filtered only where it is drawn from.
    const Sampling sampling = options_;
    const bool draws = sampling.temperature > 0 && !is_first_token_open(canvas);
    const Prediction prediction =
        said.predict(draws ? sampling : sampling.greedy(), step_++, noise);
    const std::vector<int> sure =
        surest_indices(prediction.confidence, options_.commit.values[0], commit_floor(options_));
    return {writes_of(prediction, sure), {}};
  }

 private:
  /// Nothing comes before the first block of an empty prompt.
  bool is_first_token_open(const Canvas& canvas) const {
    const int begin = cursor_.range().begin;
    return begin > 0 && canvas.is_open(begin);
  }

  /// The leftmost sub-block with an open position.
  Range first_open_part(const Canvas& canvas, Range block) const {
    for (int begin = block.begin;; begin += options_.sub_block) {
      const Range part{begin, std::min(begin + options_.sub_block, block.end)};
      if (canvas.count_open(part.begin, part.end) > 0) return part;
    }
  }

  DecodeOptions options_;
  BlockCursor cursor_;
  int bound_;
  int step_ = 0;
};

}  // namespace

std::unique_ptr<Rule> make_sub_block_rule(const DecodeOptions& options, const Canvas& canvas) {
  return std::make_unique<SubBlockRule>(options, canvas);
}

}  // namespace unmask
