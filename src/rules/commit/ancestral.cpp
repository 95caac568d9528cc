// Sampling by the reverse process: MDLM's `ddpm`, `ddpm_cache` and `analytic` predictors and
// ReMDM's remasking (diffusion.py of kuleshov-group/mdlm and remdm), and BD3-LM's
// semi-autoregressive sampler (bd3lms), block by block. In each step every open position either
// gets a token or stays open, and under ReMDM every settled one either stays or is masked again. At
// the end what is still open gets its most probable token ("noise removal"), under `analytic` a
// drawn one; BD3-LM has no such end, there the last step of a block leaves nothing open.
#include <utility>

#include "rules/block_cursor.h"
#include "rules/block_grid.h"
#include "rules/block_plan.h"
#include "rules/cards.h"
#include "rules/reverse_process.h"
#include "rules/rule.h"

namespace unmask {
namespace {

/// Holes of a prompt that lie before the first block are filled with it.
std::vector<Range> reaching_holes(std::vector<Range> blocks, const Canvas& canvas) {
  if (!blocks.empty() && canvas.count_open(0, blocks[0].begin) > 0) blocks[0].begin = 0;
  return blocks;
}

class AncestralRule : public Rule {
 public:
  AncestralRule(const DecodeOptions& options, const Canvas& canvas)
      : AncestralRule(options, canvas, cut_into_blocks(options, canvas)) {}

  int bound() const override {
    int total = 0;
    for (std::size_t i = 0; i < cursor_.blocks().size(); ++i) {
      total += steps_[i] + (removes_noise() ? 1 : 0);
    }
    return total;
  }

  std::optional<Wants> next(const Canvas& canvas) override {
    for (; !cursor_.at_end() && is_done(canvas); cursor_.leave(canvas)) {
      at_ = 0;
      known_ = false;
    }
    if (cursor_.at_end()) return std::nullopt;
    const Range range = cursor_.range();
    return Wants{
        .rows = known_ ? std::vector<int>{} : canvas.open_positions(range.begin, range.end),
        .step = step_,
        .block = cursor_.index(),
        .block_range = range,
        .focus = range,
        .noise_level = noise_level(options_, process_times(options_, steps())[at_])};
  }

  Edit step(const Canvas& canvas, const Distributions& said, Noise& noise) override {
    if (!said.positions().empty()) {
      clean_ = said.clean(options_);
    } else if (!known_) {
      clean_ = nullptr;  // nothing is open
    }
    const Edit edit = at_ == steps() ? remove_noise(noise) : sample(canvas, noise);
    for (const Write& write : edit.writes) confidence_[write.position] = write.confidence;
    // The prediction holds as long as the network is told the same.
    known_ = edit.writes.empty() && edit.reopen.empty() && !options_.noise_conditioned;
    ++at_;
    ++step_;
    return edit;
  }

  int final_before(const Canvas& canvas) const override {
    return remasks() ? cursor_.begin(canvas) : canvas.size();
  }

 private:
  AncestralRule(const DecodeOptions& options, const Canvas& canvas,
                const std::vector<Range>& blocks)
      : options_(options),
        steps_(steps_of_blocks(options, canvas, blocks)),
        cursor_(reaching_holes(blocks, canvas), options),
        confidence_(canvas.size()) {}

  /// Of the block worked on.
  int steps() const { return steps_[cursor_.index()]; }

  bool removes_noise() const { return !options_.schedule.card->noise->to_zero; }
  bool remasks() const { return options_.revise.card->transition != nullptr; }

  bool is_done(const Canvas& canvas) const {
    const bool filled = cursor_.is_filled(canvas);
    if (at_ < steps()) return filled && !remasks();
    return filled || at_ > steps() || !removes_noise();
  }

  Edit sample(const Canvas& canvas, Noise& noise) const {
    const float time = process_times(options_, steps())[at_];
    const auto duration = static_cast<float>(step_duration(options_, steps()));
    const Transition move = transition(options_, time, time - duration);
    return {.writes = drawn(move, noise), .reopen = remasked(canvas, move, noise)};
  }

  Edit remove_noise(Noise& noise) const {
    if (options_.commit.card->reverse == Reverse::analytic)
      return {drawn({.reveal = 1}, noise), {}};
    return {clean_ ? clean_->most_probable() : std::vector<Write>{}, {}};
  }

  std::vector<Write> drawn(const Transition& move, Noise& noise) const {
    if (!clean_) return {};
    return clean_->draw(move.reveal, move.stay, step_, noise);
  }

  /// Settled positions of the block that are masked again.
  std::vector<int> remasked(const Canvas& canvas, const Transition& move, Noise& noise) const {
    if (move.remask == 0) return {};
    const Range range = cursor_.range();
    std::vector<int> settled;
    std::vector<float> confidence;
    for (const int position : canvas.editable_positions(range.begin, range.end)) {
      if (canvas.is_open(position)) continue;
      settled.push_back(position);
      confidence.push_back(confidence_[position]);
    }
    std::vector<float> shares(settled.size(), 1);
    if (move.by_confidence) shares = remask_shares(confidence);
    constexpr float kCertain = 1;
    std::vector<int> reopened;
    for (std::size_t i = 0; i < settled.size(); ++i) {
      const int mask = canvas.mask_id();
      const double open = move.remask * shares[i];
      const Choice choice{
          canvas.ids().subspan(settled[i], 1), {&kCertain, 1}, 1 - open, mask, open};
      if (noise.draw(step_, settled[i], choice) == mask) reopened.push_back(settled[i]);
    }
    return reopened;
  }

  DecodeOptions options_;
  std::vector<int> steps_;  // of each block
  BlockCursor cursor_;
  int at_ = 0;                              // step of the block
  int step_ = 0;                            // of all that were made
  std::shared_ptr<const CleanText> clean_;  // none: nothing is open
  bool known_ = false;                      // clean_ is what the network would say now
  std::vector<float> confidence_;           // with which each position was written last
};

std::unique_ptr<Rule> make(const DecodeOptions& options, const Canvas& canvas) {
  return std::make_unique<AncestralRule>(options, canvas);
}

}  // namespace

extern const CommitCard kAncestralCommit{
    .rule = {.name = "ancestral", .help = "drawn from the reverse process"},
    .make_whole = make,
    .draws = true,
    .reverse = Reverse::ancestral,
};

extern const CommitCard kAnalyticCommit{
    .rule = {.name = "analytic", .help = "likewise, by its score"},
    .make_whole = make,
    .draws = true,
    .reverse = Reverse::analytic,
};

}  // namespace unmask
