// Fast-dLLM v2 (the model's own generate). Blocks at multiples of their length are finished from
// left to right, each in sub-blocks from left to right; a step commits the open positions of the
// sub-block that the network is sure of, at least the best one. The first token of a block is what
// the network predicts to follow the finished block before it, in a step of its own: the outputs
// are shifted by one, and those of a block say nothing about its own first token.
#include <algorithm>
#include <utility>

#include "decode/block_grid.h"
#include "decode/commit.h"
#include "decode/rule.h"

namespace unmask {
namespace {

/// The best token of the unfiltered distribution.
DecodeOptions greedy(DecodeOptions options) {
  options.temperature = 0;
  options.top_p = 1;
  options.top_k = 0;
  return options;
}

class SubBlockRule : public Rule {
 public:
  SubBlockRule(const DecodeOptions& options, Vocabulary vocabulary, const Canvas& canvas)
      :  // The reference filters the distribution only where it draws from it.
        options_(options.temperature == 0 ? greedy(options) : options),
        vocabulary_(std::move(vocabulary)),
        blocks_(cut_into_blocks(options, canvas)),
        steps_(canvas.count_open(0, canvas.size())) {}

  int steps() const override { return steps_; }

  std::optional<Wants> wants(const Canvas& canvas) override {
    for (; block_ < blocks_.size() && count_open(canvas, blocks_[block_]) == 0; ++block_) {
      const bool stops = options_.stop_after_block && canvas.has_written(vocabulary_.end_ids);
      if (stops) blocks_.resize(block_ + 1);
    }
    if (block_ == blocks_.size()) return std::nullopt;
    const Range block = blocks_[block_];
    wants_ = {};
    wants_.step = step_;
    wants_.block = static_cast<int>(block_);
    if (is_first_token_open(canvas)) {
      wants_.rows = {block.begin};
      wants_.block_range = {std::max(block.begin - options_.block, 0), block.begin};
      wants_.focus = wants_.block_range;
    } else {
      wants_.block_range = block;
      wants_.focus = first_open_part(canvas, block);
      wants_.rows = canvas.open_positions(wants_.focus.begin, wants_.focus.end);
    }
    return wants_;
  }

  Edit step(const Canvas& canvas, const at::Tensor& logits, Noise& noise) override {
    // The first token of a block is the best one at any temperature: as the reference.
    const DecodeOptions options = is_first_token_open(canvas) ? greedy(options_) : options_;
    const Prediction prediction =
        predict_tokens(logits, wants_.rows, options, vocabulary_, wants_.step, noise);
    ++step_;
    Edit edit;
    for (const int i :
         surest_indices(prediction.confidence, options.commit_bound, options.min_commit)) {
      edit.writes.push_back(
          {prediction.positions[i], prediction.tokens[i], prediction.confidence[i]});
    }
    return edit;
  }

 private:
  static int count_open(const Canvas& canvas, Range range) {
    return canvas.count_open(range.begin, range.end);
  }

  /// Nothing comes before the first block of an empty prompt.
  bool is_first_token_open(const Canvas& canvas) const {
    const int begin = blocks_[block_].begin;
    return begin > 0 && canvas.is_open(begin);
  }

  /// The leftmost sub-block with an open position.
  Range first_open_part(const Canvas& canvas, Range block) const {
    for (int begin = block.begin;; begin += options_.sub_block) {
      const Range part{begin, std::min(begin + options_.sub_block, block.end)};
      if (count_open(canvas, part) > 0) return part;
    }
  }

  DecodeOptions options_;
  Vocabulary vocabulary_;
  std::vector<Range> blocks_;
  int steps_;
  std::size_t block_ = 0;
  int step_ = 0;
  Wants wants_;
};

}  // namespace

std::unique_ptr<Rule> make_sub_block_rule(const DecodeOptions& options,
                                          const Vocabulary& vocabulary, const Canvas& canvas) {
  return std::make_unique<SubBlockRule>(options, vocabulary, canvas);
}

}  // namespace unmask
