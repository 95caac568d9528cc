// LLaDA2.1 (the model's own generate): block by block, each step commits the open positions that
// the network is sure of, at least the best few, and replaces settled tokens of the block where it
// is sure of another one. A block is left when it has nothing open and either nothing was replaced
// or it was looked at often enough since.
#include <algorithm>
#include <utility>

#include "decode/block_grid.h"
#include "decode/commit.h"
#include "decode/rule.h"

namespace unmask {
namespace {

class EditRule : public Rule {
 public:
  EditRule(const DecodeOptions& options, Vocabulary vocabulary, const Canvas& canvas)
      : options_(options),
        vocabulary_(std::move(vocabulary)),
        blocks_(cut_into_blocks(options, canvas)) {
    // Every step commits a position, as long as one is open.
    for (const Range& block : blocks_) {
      steps_ += canvas.count_open(block.begin, block.end) + options.post_steps;
    }
  }

  int steps() const override { return steps_; }

  std::optional<Wants> wants(const Canvas& canvas) override {
    const bool stops = options_.stop_after_block && canvas.has_written(vocabulary_.end_ids);
    if (left_block_ && stops) blocks_.resize(block_);
    left_block_ = false;
    if (block_ == blocks_.size()) return std::nullopt;
    const Range block = blocks_[block_];
    return Wants{.rows = canvas.editable_positions(block.begin, block.end),
                 .step = step_,
                 .block = static_cast<int>(block_),
                 .block_range = block,
                 .focus = block};
  }

  Edit step(const Canvas& canvas, const at::Tensor& logits, Noise& noise) override {
    const Range block = blocks_[block_];
    const Prediction prediction =
        predict_tokens(logits, canvas.editable_positions(block.begin, block.end), options_,
                       vocabulary_, step_++, noise);
    const int open = canvas.count_open(block.begin, block.end);
    const std::vector<int> committed = committed_now(canvas, prediction);
    const std::vector<int> replaced = replaced_now(canvas, prediction);
    const bool filled = open == static_cast<int>(committed.size());
    const bool settled = open == 0 && replaced.empty();
    if (filled && (settled || ++filled_steps_ > options_.post_steps)) {
      ++block_;
      filled_steps_ = 0;
      left_block_ = true;
    }
    return edit_of(prediction, committed, replaced);
  }

  int final_before(const Canvas& canvas) const override {
    return block_ == blocks_.size() ? canvas.size() : blocks_[block_].begin;
  }

 private:
  /// Indices of the open positions that are written.
  std::vector<int> committed_now(const Canvas& canvas, const Prediction& prediction) const {
    std::vector<int> open;
    std::vector<float> confidence;
    for (std::size_t i = 0; i < prediction.positions.size(); ++i) {
      if (!canvas.is_open(prediction.positions[i])) continue;
      open.push_back(static_cast<int>(i));
      confidence.push_back(prediction.confidence[i]);
    }
    std::vector<int> committed =
        surest_indices(confidence, options_.commit_bound, options_.min_commit);
    for (int& index : committed) index = open[index];
    return committed;
  }

  /// Indices of the settled positions that get another token.
  std::vector<int> replaced_now(const Canvas& canvas, const Prediction& prediction) const {
    const auto bound = static_cast<float>(options_.revise_strength);
    std::vector<int> replaced;
    for (std::size_t i = 0; i < prediction.positions.size(); ++i) {
      const int position = prediction.positions[i];
      if (!canvas.is_open(position) && prediction.confidence[i] > bound &&
          prediction.tokens[i] != canvas.ids()[position]) {
        replaced.push_back(static_cast<int>(i));
      }
    }
    return replaced;
  }

  static Edit edit_of(const Prediction& prediction, std::vector<int> committed,
                      const std::vector<int>& replaced) {
    committed.insert(committed.end(), replaced.begin(), replaced.end());
    std::sort(committed.begin(), committed.end());
    Edit edit;
    for (const int i : committed) {
      edit.writes.push_back(
          {prediction.positions[i], prediction.tokens[i], prediction.confidence[i]});
    }
    return edit;
  }

  DecodeOptions options_;
  Vocabulary vocabulary_;
  std::vector<Range> blocks_;
  int steps_ = 0;
  std::size_t block_ = 0;
  bool left_block_ = false;  // by the last step
  int filled_steps_ = 0;     // of this block, after which nothing in it was open
  int step_ = 0;
};

}  // namespace

std::unique_ptr<Rule> make_edit_rule(const DecodeOptions& options, const Vocabulary& vocabulary,
                                     const Canvas& canvas) {
  return std::make_unique<EditRule>(options, vocabulary, canvas);
}

}  // namespace unmask
