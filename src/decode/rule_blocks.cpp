// The rule that most references are made of: blocks from left to right, in each a number of steps,
// in each step some of the best ranked candidates. LLaDA's generate.py, Dream's diffusion_generate
// (one block, the whole canvas), LLaDA2.0, SDAR, dllm's samplers, RND1 and SMDM are settings of it.
#include <utility>

#include "decode/block_plan.h"
#include "decode/commit.h"
#include "decode/rule.h"
#include "decode/schedule.h"
#include "unmask/error.h"

namespace unmask {
namespace {

class BlockRule : public Rule {
 public:
  BlockRule(const DecodeOptions& options, Vocabulary vocabulary, const Canvas& canvas)
      : options_(options),
        vocabulary_(std::move(vocabulary)),
        blocks_(plan_blocks(options, canvas)),
        schedule_(make_schedule(options)),
        commit_(make_commit_rule(options)) {
    if (looks_in_block_alone() && !blocks_.empty() &&
        canvas.count_open(0, blocks_.front().range.begin) > 0) {
      throw Error(ErrorCode::usage,
                  "--cache " + cache_text(options) +
                      " looks at one block after the other, and the prompt has holes before them",
                  "use --cache none, or -n 0 to fill the holes alone");
    }
  }

  int steps() const override {
    int total = 0;
    for (const Block& block : blocks_) total += block.bound;
    return total;
  }

  std::optional<Wants> wants(const Canvas& canvas) override {
    for (; block_ < blocks_.size(); next_block(canvas)) {
      const Block& block = blocks_[block_];
      if (at_.step == 0) {
        at_.open_at_start = canvas.count_open(block.range.begin, block.range.end);
      }
      at_.steps = block.steps;
      at_.length = block.range.size();
      at_.candidates = canvas.count_open(first_candidate(), block.range.end);
      for (; at_.step < block.bound && !is_done(); ++at_.step, ++step_) {
        const bool idle = !is_first_alone() && commit_->is_idle(*schedule_, step_of_schedule());
        if (at_.candidates == 0 || idle) continue;
        return Wants{.rows = candidates(canvas),
                     .step = step_,
                     .block = static_cast<int>(block_),
                     .block_range = block.range,
                     .focus = block.range};
      }
    }
    return std::nullopt;
  }

  Edit step(const Canvas& canvas, const at::Tensor& logits, Noise& noise) override {
    const std::vector<int> rows = candidates(canvas);
    const Prediction prediction =
        predict_tokens(commit_->look(logits, rows), rows, options_, vocabulary_, step_, noise);
    const std::vector<int> chosen =
        is_first_alone()
            ? std::vector<int>{0}
            : commit_->choose(prediction, *schedule_, step_of_schedule(), step_, noise);
    Edit edit;
    for (const int i : chosen) {
      edit.writes.push_back(
          {prediction.positions[i], prediction.tokens[i], prediction.confidence[i]});
    }
    looked_at_block_ = true;
    ++at_.step;
    ++step_;
    return edit;
  }

  std::unique_ptr<Rule> clone() const override { return std::make_unique<BlockRule>(*this); }

 private:
  /// Open positions left of the block compete too, though the quota may not count them; not so
  /// where what is left of the block is final, or not computed because it is cached.
  int first_candidate() const {
    const bool in_block_alone =
        options_.attention == AttentionKind::block || (looks_in_block_alone() && looked_at_block_);
    return in_block_alone ? blocks_[block_].range.begin : 0;
  }

  /// Whether all passes of a block but the first compute no more than the block needs.
  bool looks_in_block_alone() const {
    return options_.cache == CacheKind::prefix || options_.cache == CacheKind::dual;
  }

  std::vector<int> candidates(const Canvas& canvas) const {
    const Range range = blocks_[block_].range;
    if (is_first_alone()) return {range.begin};
    return canvas.open_positions(first_candidate(), range.end);
  }

  bool is_first_alone() const { return blocks_[block_].first_alone && !looked_at_block_; }

  /// What the schedule spreads evenly is all that a first token settled alone has left.
  StepInBlock step_of_schedule() const {
    StepInBlock at = at_;
    if (blocks_[block_].first_alone) {
      --at.step;
      --at.steps;
      --at.open_at_start;
      --at.length;
    }
    return at;
  }

  /// Whether the block ends before its last step. Where steps are counted per canvas, those that
  /// a quota leaves idle count as well.
  bool is_done() const {
    return at_.candidates == 0 &&
           (goes_on_until_done(options_) || options_.commit == CommitKind::threshold ||
            options_.commit == CommitKind::carry || options_.commit == CommitKind::klass ||
            options_.steps_per == StepsPer::block);
  }

  void next_block(const Canvas& canvas) {
    blocks_[block_].bound = at_.step;
    ++block_;
    at_.step = 0;
    looked_at_block_ = false;
    if (options_.stop_after_block && canvas.has_written(vocabulary_.end_ids)) {
      blocks_.resize(block_);
    }
  }

  DecodeOptions options_;
  Vocabulary vocabulary_;
  std::vector<Block> blocks_;
  std::shared_ptr<Schedule> schedule_;  // shared by clones, which are made of quota alone: it has
  std::shared_ptr<CommitRule> commit_;  // no state
  std::size_t block_ = 0;
  StepInBlock at_{};
  bool looked_at_block_ = false;  // in a step that was made
  int step_ = 0;                  // over all blocks
};

}  // namespace

std::unique_ptr<Rule> make_block_rule(const DecodeOptions& options, const Vocabulary& vocabulary,
                                      const Canvas& canvas) {
  return std::make_unique<BlockRule>(options, vocabulary, canvas);
}

}  // namespace unmask
