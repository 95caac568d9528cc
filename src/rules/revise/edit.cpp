// LLaDA2.1 (the model's own generate): block by block, each step commits the open positions that
// the network is sure of, at least the best few, and replaces settled tokens of the block where it
// is sure of another one. A block is left when it has nothing open and either nothing was replaced
// or it was looked at often enough since.
#include <algorithm>

#include "rules/block_cursor.h"
#include "rules/block_grid.h"
#include "rules/commit/commit.h"
#include "rules/rule.h"

namespace unmask {
namespace {

class EditRule : public Rule {
 public:
  EditRule(const DecodeOptions& options, const Canvas& canvas)
      : options_(options),
        edit_bound_(static_cast<float>(options.revise.values[0])),
        post_steps_(static_cast<int>(options.revise.values[1])),
        cursor_(cut_into_blocks(options, canvas), options) {
    // Every step commits a position, as long as one is open.
    for (const Range& block : cursor_.blocks()) {
      bound_ += canvas.count_open(block.begin, block.end) + post_steps_;
    }
  }

  int bound() const override { return bound_; }

  std::optional<Wants> next(const Canvas& canvas) override {
    if (is_done_) cursor_.leave(canvas);
    is_done_ = false;
    if (cursor_.at_end()) return std::nullopt;
    const Range block = cursor_.range();
    return Wants{.rows = canvas.editable_positions(block.begin, block.end),
                 .step = step_,
                 .block = cursor_.index(),
                 .block_range = block,
                 .focus = block};
  }

  Edit step(const Canvas& canvas, const Distributions& said, Noise& noise) override {
    const Range block = cursor_.range();
    const Prediction prediction = said.predict(options_, step_++, noise);
    const int open = canvas.count_open(block.begin, block.end);
    const std::vector<int> committed = committed_now(canvas, prediction);
    const std::vector<int> replaced = replaced_now(canvas, prediction);
    const bool filled = open == static_cast<int>(committed.size());
    const bool settled = open == 0 && replaced.empty();
    if (filled && (settled || ++filled_steps_ > post_steps_)) {
      filled_steps_ = 0;
      is_done_ = true;
    }
    return {writes_of(prediction, in_order(committed, replaced)), {}};
  }

  int final_before(const Canvas& canvas) const override {
    return cursor_.begin(canvas, is_done_ ? 1 : 0);
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
        surest_indices(confidence, options_.commit.values[0], commit_floor(options_));
    for (int& index : committed) index = open[index];
    return committed;
  }

  /// Indices of the settled positions that get another token.
  std::vector<int> replaced_now(const Canvas& canvas, const Prediction& prediction) const {
    std::vector<int> replaced;
    for (std::size_t i = 0; i < prediction.positions.size(); ++i) {
      const int position = prediction.positions[i];
      if (!canvas.is_open(position) && prediction.confidence[i] > edit_bound_ &&
          prediction.tokens[i] != canvas.ids()[position]) {
        replaced.push_back(static_cast<int>(i));
      }
    }
    return replaced;
  }

  static std::vector<int> in_order(std::vector<int> indices, const std::vector<int>& more) {
    indices.insert(indices.end(), more.begin(), more.end());
    std::sort(indices.begin(), indices.end());
    return indices;
  }

  DecodeOptions options_;
  float edit_bound_;
  int post_steps_;
  BlockCursor cursor_;
  int bound_ = 0;
  bool is_done_ = false;  // the block, by the last step
  int filled_steps_ = 0;  // of this block, after which nothing in it was open
  int step_ = 0;
};

constexpr Parameter kEditParameters[] = {{.name = "E"},
                                         {.name = "POST", .kind = Parameter::Kind::count}};

}  // namespace

extern const ReviseCard kEditRevise{
    .rule = {.name = "edit",
             .help = "where another token is surer than E, POST times once a block is filled",
             .parameters = kEditParameters},
    .make_whole = [](const DecodeOptions& options, const Canvas& canvas) -> std::unique_ptr<Rule> {
      return std::make_unique<EditRule>(options, canvas);
    },
    .goes_with = "threshold",
    .counts_steps = false,
};

}  // namespace unmask
