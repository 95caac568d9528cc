// The rule that most references are made of: blocks from left to right, in each a number of steps,
// in each step some of the best ranked candidates. LLaDA's generate.py, Dream's diffusion_generate
// (one block, the whole canvas), LLaDA2.0, SDAR, dllm's samplers, RND1 and SMDM are settings of it.
#include "rules/block_cursor.h"
#include "rules/block_plan.h"
#include "rules/commit/commit.h"
#include "rules/rule.h"
#include "rules/schedule/schedule.h"
#include "unmask/error.h"

namespace unmask {
namespace {

std::vector<Range> ranges_of(const std::vector<Block>& blocks) {
  std::vector<Range> ranges;
  for (const Block& block : blocks) ranges.push_back(block.range);
  return ranges;
}

class BlockRule : public Rule {
 public:
  BlockRule(const DecodeOptions& options, const Canvas& canvas)
      : options_(options),
        plan_(plan_blocks(options, canvas)),
        cursor_(ranges_of(plan_), options),
        schedule_(options.schedule.card->make(options.schedule.values)),
        commit_(options.commit.card->make(options.commit.values, options)) {
    if (looks_in_block_alone() && canvas.count_open(0, cursor_.begin(canvas)) > 0) {
      throw Error(ErrorCode::usage,
                  "--cache " + option_text(options, "cache") +
                      " looks at one block after the other, and the prompt has holes before them",
                  "use --cache none, or -n 0 to fill the holes alone");
    }
  }

  int bound() const override {
    int total = 0;
    for (std::size_t i = 0; i < cursor_.blocks().size(); ++i) total += plan_[i].bound;
    return total;
  }

  std::optional<Wants> next(const Canvas& canvas) override {
    for (; !cursor_.at_end(); leave_block(canvas)) {
      const Block& block = this->block();
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
                     .block = cursor_.index(),
                     .block_range = block.range,
                     .focus = block.range,
                     .needs = options_.commit.card->needs};
      }
    }
    return std::nullopt;
  }

  Edit step(const Canvas&, const Distributions& said, Noise& noise) override {
    const auto changed = commit_->look(said);
    const Prediction prediction = (changed ? *changed : said).predict(options_, step_, noise);
    const std::vector<int> chosen =
        is_first_alone()
            ? std::vector<int>{0}
            : commit_->choose(prediction, *schedule_, step_of_schedule(), step_, noise);
    looked_at_block_ = true;
    ++at_.step;
    ++step_;
    return {writes_of(prediction, chosen), {}};
  }

  std::unique_ptr<Rule> clone() const override { return std::make_unique<BlockRule>(*this); }

 private:
  const Block& block() const { return plan_[cursor_.index()]; }

  /// Open positions left of the block compete too, though the quota may not count them; not so
  /// where what is left of the block is final, or not computed because it is cached.
  int first_candidate() const {
    const bool in_block_alone =
        options_.attention == AttentionKind::block || (looks_in_block_alone() && looked_at_block_);
    return in_block_alone ? block().range.begin : 0;
  }

  /// Whether all passes of a block but the first compute no more than the block needs.
  bool looks_in_block_alone() const { return options_.cache.card->block_alone; }

  std::vector<int> candidates(const Canvas& canvas) const {
    const Range range = block().range;
    if (is_first_alone()) return {range.begin};
    return canvas.open_positions(first_candidate(), range.end);
  }

  bool is_first_alone() const { return block().first_alone && !looked_at_block_; }

  /// What the schedule spreads evenly is all that a first token settled alone has left.
  StepInBlock step_of_schedule() const {
    StepInBlock at = at_;
    if (block().first_alone) {
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
    const bool by_itself = options_.commit.card->ending != Ending::steps;
    return at_.candidates == 0 && (by_itself || options_.steps_per == StepsPer::block);
  }

  void leave_block(const Canvas& canvas) {
    plan_[cursor_.index()].bound = at_.step;
    cursor_.leave(canvas);
    at_.step = 0;
    looked_at_block_ = false;
  }

  DecodeOptions options_;
  std::vector<Block> plan_;
  BlockCursor cursor_;
  std::shared_ptr<Schedule> schedule_;  // shared by clones, which are made of quota alone: it has
  std::shared_ptr<CommitRule> commit_;  // no state
  StepInBlock at_{};
  bool looked_at_block_ = false;  // in a step that was made
  int step_ = 0;                  // over all blocks
};

}  // namespace

std::unique_ptr<Rule> make_block_rule(const DecodeOptions& options, const Canvas& canvas) {
  return std::make_unique<BlockRule>(options, canvas);
}

}  // namespace unmask
