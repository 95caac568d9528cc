// WINO, "wide-in, narrow-out" (Hong et al. 2025, decoding.py): in each step everything in the block
// is written that is surer than a low bound, and what was written before is masked again where the
// network would not say it with a high probability if it did not see it. Shadow rows tell that: a
// mask for every position of the block, blind to the token there. A step masks fewer positions than
// the one before has written, so that a block takes at most as many steps as it has open positions.
#include <algorithm>
#include <numeric>

#include "rules/block_cursor.h"
#include "rules/block_grid.h"
#include "rules/commit/commit.h"
#include "rules/rule.h"

namespace unmask {
namespace {

class WinoRule : public Rule {
 public:
  WinoRule(const DecodeOptions& options, const Canvas& canvas)
      : options_(options), cursor_(cut_into_blocks(options, canvas), options) {
    for (const Range& block : cursor_.blocks()) bound_ += canvas.count_open(block.begin, block.end);
  }

  int bound() const override { return bound_; }

  std::optional<Wants> next(const Canvas& canvas) override {
    while (!cursor_.at_end() && cursor_.is_filled(canvas)) cursor_.leave(canvas);
    if (cursor_.at_end()) return std::nullopt;
    const Range block = cursor_.range();
    Wants wants{.rows = canvas.open_positions(block.begin, block.end),
                .step = step_,
                .block = cursor_.index(),
                .block_range = block,
                .focus = block};
    if (!written(canvas).empty()) {
      for (int i = block.begin; i < block.end; ++i) wants.shadow.push_back(i);
    }
    return wants;
  }

  Edit step(const Canvas& canvas, const Distributions& said, Noise& noise) override {
    const Range block = cursor_.range();
    std::vector<int> open(canvas.count_open(block.begin, block.end));  // rows; the others judge
    std::iota(open.begin(), open.end(), 0);
    const Prediction prediction = said.select(open)->predict(options_, step_, noise);
    Edit edit{writes_of(prediction, wide_in(prediction.confidence)), {}};
    const int committed = static_cast<int>(edit.writes.size());
    if (committed > 1) {
      edit.reopen = narrow_out(canvas, said, static_cast<int>(open.size()) - block.begin);
    }
    last_committed_ = committed;
    ++step_;
    return edit;
  }

  int final_before(const Canvas& canvas) const override {
    const bool filled = !cursor_.at_end() && cursor_.is_filled(canvas);
    return filled ? cursor_.range().end : cursor_.begin(canvas);
  }

 private:
  /// Positions of the block that hold a token of ours.
  std::vector<int> written(const Canvas& canvas) const {
    const Range block = cursor_.range();
    std::vector<int> positions = canvas.editable_positions(block.begin, block.end);
    std::erase_if(positions, [&](int position) { return canvas.is_open(position); });
    return positions;
  }

  /// Indices of all that are sure enough, at most seven tenths of them, but 5 to 20; or of the
  /// best.
  std::vector<int> wide_in(const std::vector<float>& confidence) const {
    const auto sure = std::count_if(confidence.begin(), confidence.end(), [&](float value) {
      return value > static_cast<float>(options_.revise.values[0]);
    });
    const int most = std::clamp(static_cast<int>(confidence.size()) * 7 / 10, 5, 20);
    return best_indices(confidence, std::clamp(static_cast<int>(sure), 1, most));
  }

  /// The written positions whose token the shadow does not confirm, or the worst of them. The
  /// shadow row of a position is so much further on.
  std::vector<int> narrow_out(const Canvas& canvas, const Distributions& said, int offset) const {
    const std::vector<int> positions = written(canvas);
    if (positions.empty()) return {};
    std::vector<RowToken> tokens;
    for (const int position : positions) {
      tokens.push_back({position + offset, canvas.ids()[position]});
    }
    std::vector<float> doubt;
    int doubted = 0;
    for (const float confirmed : said.probability(tokens)) {
      doubt.push_back(-confirmed);
      doubted += confirmed < static_cast<float>(options_.revise.values[1]);
    }
    std::vector<int> reopened;
    for (const int i : best_indices(doubt, std::min(doubted, last_committed_ - 1))) {
      reopened.push_back(positions[i]);
    }
    return reopened;
  }

  DecodeOptions options_;
  BlockCursor cursor_;
  int bound_ = 0;
  int step_ = 0;
  int last_committed_ = 1;  // in the step before
};

constexpr Parameter kWinoParameters[] = {{.name = "T1"}, {.name = "T2"}};

}  // namespace

extern const ReviseCard kWinoRevise{
    .rule = {.name = "wino",
             .help = "what is written above T1 and then not confirmed by T2",
             .parameters = kWinoParameters},
    .make_whole = [](const DecodeOptions& options, const Canvas& canvas) -> std::unique_ptr<Rule> {
      return std::make_unique<WinoRule>(options, canvas);
    },
    .goes_with = "quota",
    .caches = false,  // shadow rows are computed with the whole canvas
    .full_attention = true,
    .pass_tokens = [](Values, std::int64_t, std::int64_t block) { return block; },
};

}  // namespace unmask
