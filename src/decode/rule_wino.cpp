// WINO, "wide-in, narrow-out" (Hong et al. 2025, decoding.py): in each step everything in the block
// is written that is surer than a low bound, and what was written before is masked again where the
// network would not say it with a high probability if it did not see it. Shadow rows tell that: a
// mask for every position of the block, blind to the token there. A step masks fewer positions than
// the one before has written, so that a block takes at most as many steps as it has open positions.
#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "decode/block_grid.h"
#include "decode/commit.h"
#include "decode/rule.h"

namespace unmask {
namespace {

class WinoRule : public Rule {
 public:
  WinoRule(const DecodeOptions& options, Vocabulary vocabulary, const Canvas& canvas)
      : options_(options),
        vocabulary_(std::move(vocabulary)),
        blocks_(cut_into_blocks(options, canvas)) {
    for (const Range& block : blocks_) bound_ += canvas.count_open(block.begin, block.end);
  }

  int steps() const override { return bound_; }

  std::optional<Wants> wants(const Canvas& canvas) override {
    while (block_ < blocks_.size() && is_filled(canvas)) {
      ++block_;
      if (options_.stop_after_block && canvas.has_written(vocabulary_.end_ids)) {
        blocks_.resize(block_);
      }
    }
    if (block_ == blocks_.size()) {
      bound_ = step_;
      return std::nullopt;
    }
    const Range block = blocks_[block_];
    Wants wants{.rows = canvas.open_positions(block.begin, block.end),
                .step = step_,
                .block = static_cast<int>(block_),
                .block_range = block,
                .focus = block};
    if (!written(canvas).empty()) {
      for (int i = block.begin; i < block.end; ++i) wants.shadow.push_back(i);
    }
    return wants;
  }

  Edit step(const Canvas& canvas, const at::Tensor& logits, Noise& noise) override {
    const Range block = blocks_[block_];
    const std::vector<int> open = canvas.open_positions(block.begin, block.end);
    const auto count = static_cast<std::int64_t>(open.size());
    const Prediction prediction =
        predict_tokens(logits.narrow(0, 0, count), open, options_, vocabulary_, step_, noise);
    Edit edit;
    for (const int i : wide_in(prediction.confidence)) {
      edit.writes.push_back({open[i], prediction.tokens[i], prediction.confidence[i]});
    }
    const int committed = static_cast<int>(edit.writes.size());
    if (committed > 1) edit.reopen = narrow_out(canvas, logits.slice(0, count));
    last_committed_ = committed;
    ++step_;
    return edit;
  }

  int final_before(const Canvas& canvas) const override {
    if (block_ == blocks_.size()) return canvas.size();
    return is_filled(canvas) ? blocks_[block_].end : blocks_[block_].begin;
  }

 private:
  bool is_filled(const Canvas& canvas) const {
    return canvas.count_open(blocks_[block_].begin, blocks_[block_].end) == 0;
  }

  /// Positions of the block that hold a token of ours.
  std::vector<int> written(const Canvas& canvas) const {
    const Range block = blocks_[block_];
    std::vector<int> positions = canvas.editable_positions(block.begin, block.end);
    std::erase_if(positions, [&](int position) { return canvas.is_open(position); });
    return positions;
  }

  /// Indices of all that are sure enough, at most seven tenths of them, but 5 to 20; or of the
  /// best.
  std::vector<int> wide_in(const std::vector<float>& confidence) const {
    const auto sure = std::count_if(confidence.begin(), confidence.end(), [&](float value) {
      return value > static_cast<float>(options_.revise_strength);
    });
    const int most = std::clamp(static_cast<int>(confidence.size()) * 7 / 10, 5, 20);
    return best_indices(confidence, std::clamp(static_cast<int>(sure), 1, most));
  }

  /// The written positions whose token the shadow does not confirm, or the worst of them. `shadow`
  /// is [block, head rows].
  std::vector<int> narrow_out(const Canvas& canvas, const at::Tensor& shadow) const {
    const std::vector<int> positions = written(canvas);
    if (positions.empty()) return {};
    const at::Tensor probabilities = shadow.softmax(-1);
    std::vector<float> doubt;
    int doubted = 0;
    for (const int position : positions) {
      const int row = position - blocks_[block_].begin;
      const auto confirmed = probabilities[row][canvas.ids()[position]].item<float>();
      doubt.push_back(-confirmed);
      doubted += confirmed < static_cast<float>(options_.verify_bound);
    }
    std::vector<int> reopened;
    for (const int i : best_indices(doubt, std::min(doubted, last_committed_ - 1))) {
      reopened.push_back(positions[i]);
    }
    return reopened;
  }

  DecodeOptions options_;
  Vocabulary vocabulary_;
  std::vector<Range> blocks_;
  std::size_t block_ = 0;
  int bound_ = 0;
  int step_ = 0;
  int last_committed_ = 1;  // in the step before
};

}  // namespace

std::unique_ptr<Rule> make_wino_rule(const DecodeOptions& options, const Vocabulary& vocabulary,
                                     const Canvas& canvas) {
  return std::make_unique<WinoRule>(options, vocabulary, canvas);
}

}  // namespace unmask
