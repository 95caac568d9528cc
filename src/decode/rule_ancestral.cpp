// Sampling by the reverse process: MDLM's `ddpm`, `ddpm_cache` and `analytic` predictors and
// ReMDM's remasking (diffusion.py of kuleshov-group/mdlm and remdm), and BD3-LM's
// semi-autoregressive sampler (bd3lms), block by block. In each step every open position either
// gets a token or stays open, and under ReMDM every settled one either stays or is masked again. At
// the end what is still open gets its most probable token ("noise removal"), under `analytic` a
// drawn one; BD3-LM has no such end, there the last step of a block leaves nothing open.
#include <span>
#include <utility>

#include "decode/block_grid.h"
#include "decode/clean_prediction.h"
#include "decode/reverse_process.h"
#include "decode/rule.h"
#include "unmask/error.h"

namespace unmask {
namespace {

struct TimedBlock {
  Range range;
  int steps;
};

/// Blocks with their steps; those of a canvas are shared out evenly, the remainder to the first
/// ones.
std::vector<TimedBlock> plan(const DecodeOptions& options, const Canvas& canvas) {
  std::vector<TimedBlock> blocks;
  for (const Range& range : cut_into_blocks(options, canvas)) blocks.push_back({range, 0});
  const int count = static_cast<int>(blocks.size());
  const int steps = options.steps > 0 ? options.steps : canvas.count_open(0, canvas.size());
  if (options.steps_per == StepsPer::canvas && steps < count) {
    throw Error(ErrorCode::usage,
                std::to_string(steps) + " steps are fewer than the " + std::to_string(count) +
                    " blocks of the canvas",
                "use --steps " + std::to_string(count) + " or more, or a longer --block");
  }
  for (int i = 0; i < count; ++i) {
    const Range range = blocks[i].range;
    if (options.steps_per == StepsPer::canvas) {
      blocks[i].steps = steps / count + (i < steps % count ? 1 : 0);
    } else {
      blocks[i].steps = options.steps > 0 ? options.steps : range.size();
    }
  }
  // Holes of a prompt that lie before the first block are filled with it.
  if (count > 0 && canvas.count_open(0, blocks[0].range.begin) > 0) blocks[0].range.begin = 0;
  return blocks;
}

bool is_remdm(const DecodeOptions& options) { return options.revise != ReviseKind::none; }

class AncestralRule : public Rule {
 public:
  AncestralRule(const DecodeOptions& options, Vocabulary vocabulary, const Canvas& canvas)
      : options_(options),
        vocabulary_(std::move(vocabulary)),
        blocks_(plan(options, canvas)),
        confidence_(canvas.size()) {}

  int steps() const override {
    int total = 0;
    for (const TimedBlock& block : blocks_) total += block.steps + (removes_noise() ? 1 : 0);
    return total;
  }

  std::optional<Wants> wants(const Canvas& canvas) override {
    for (; block_ < blocks_.size() && is_done(canvas); ++block_) {
      const bool stops = options_.stop_after_block && canvas.has_written(vocabulary_.end_ids);
      if (stops) blocks_.resize(block_ + 1);
      at_ = 0;
      known_ = false;
    }
    if (block_ == blocks_.size()) return std::nullopt;
    const auto& [range, steps] = blocks_[block_];
    wants_ = {.rows = known_ ? std::vector<int>{} : canvas.open_positions(range.begin, range.end),
              .step = step_,
              .block = static_cast<int>(block_),
              .block_range = range,
              .focus = range,
              .noise_level = noise_level(options_, process_times(options_, steps)[at_])};
    return wants_;
  }

  Edit step(const Canvas& canvas, const at::Tensor& logits, Noise& noise) override {
    if (!wants_.rows.empty()) {
      clean_ = CleanPrediction(logits, wants_.rows, options_, vocabulary_, step_);
    } else if (!known_) {
      clean_ = {};  // nothing is open
    }
    const Edit edit = at_ == blocks_[block_].steps ? remove_noise(noise) : sample(canvas, noise);
    for (const Write& write : edit.writes) confidence_[write.position] = write.confidence;
    // The prediction holds as long as the network is told the same.
    known_ = edit.writes.empty() && edit.reopen.empty() && !options_.noise_conditioned;
    ++at_;
    ++step_;
    return edit;
  }

  int final_before(const Canvas& canvas) const override {
    if (!is_remdm(options_) || block_ == blocks_.size()) return canvas.size();
    return blocks_[block_].range.begin;
  }

 private:
  bool removes_noise() const { return options_.schedule != ScheduleKind::bd3lm; }

  bool is_done(const Canvas& canvas) const {
    const auto& [range, steps] = blocks_[block_];
    const bool filled = canvas.count_open(range.begin, range.end) == 0;
    if (at_ < steps) return filled && !is_remdm(options_);
    return filled || at_ > steps || !removes_noise();
  }

  Edit sample(const Canvas& canvas, Noise& noise) const {
    const int steps = blocks_[block_].steps;
    const float time = process_times(options_, steps)[at_];
    const auto duration = static_cast<float>(step_duration(options_, steps));
    const Transition move = transition(options_, time, time - duration);
    return {.writes = clean_.draw(move.reveal, move.stay, step_, noise),
            .reopen = remasked(canvas, move.remask, noise)};
  }

  Edit remove_noise(Noise& noise) const {
    if (options_.commit == CommitKind::analytic) return {clean_.draw(1, 0, step_, noise), {}};
    return {clean_.most_probable(), {}};
  }

  /// Settled positions of the block that are masked again.
  std::vector<int> remasked(const Canvas& canvas, double probability, Noise& noise) const {
    if (probability == 0) return {};
    const Range range = blocks_[block_].range;
    std::vector<int> settled;
    std::vector<float> confidence;
    for (const int position : canvas.editable_positions(range.begin, range.end)) {
      if (canvas.is_open(position)) continue;
      settled.push_back(position);
      confidence.push_back(confidence_[position]);
    }
    std::vector<float> shares(settled.size(), 1);
    if (options_.revise == ReviseKind::remdm_conf) shares = remask_shares(confidence);
    constexpr float kCertain = 1;
    std::vector<int> reopened;
    for (std::size_t i = 0; i < settled.size(); ++i) {
      const int mask = canvas.mask_id();
      const double open = probability * shares[i];
      const Choice choice{
          canvas.ids().subspan(settled[i], 1), {&kCertain, 1}, 1 - open, mask, open};
      if (noise.draw(step_, settled[i], choice) == mask) reopened.push_back(settled[i]);
    }
    return reopened;
  }

  DecodeOptions options_;
  Vocabulary vocabulary_;
  std::vector<TimedBlock> blocks_;
  std::size_t block_ = 0;
  int at_ = 0;    // step of the block
  int step_ = 0;  // of all that were made
  CleanPrediction clean_;
  bool known_ = false;             // clean_ is what the network would say now
  std::vector<float> confidence_;  // with which each position was written last
  Wants wants_;
};

}  // namespace

std::unique_ptr<Rule> make_ancestral_rule(const DecodeOptions& options,
                                          const Vocabulary& vocabulary, const Canvas& canvas) {
  if (is_remdm(options) && options.schedule == ScheduleKind::bd3lm) {
    throw Error(ErrorCode::usage, "--schedule bd3lm never masks a token again",
                "use --schedule linear or loglinear, or --revise none");
  }
  return std::make_unique<AncestralRule>(options, vocabulary, canvas);
}

}  // namespace unmask
