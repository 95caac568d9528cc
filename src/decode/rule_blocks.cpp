// The rule that most references are made of: blocks from left to right, in each a number of steps,
// in each step a quota of the best ranked candidates. LLaDA's generate.py and Dream's
// diffusion_generate (one block, the whole canvas) are two settings of it.
#include <algorithm>
#include <utility>

#include "decode/commit.h"
#include "decode/rule.h"
#include "decode/schedule.h"
#include "unmask/error.h"

namespace unmask {
namespace {

struct Block {
  int begin, end;  // positions of the canvas
  int steps;
};

/// The generated part cut into blocks, or all of the canvas where nothing is added to the prompt
/// and only its open positions are filled. The steps are shared out evenly, the remainder to the
/// first ones.
std::vector<Block> cut_into_blocks(const DecodeOptions& options, const Canvas& canvas) {
  const int end = canvas.size();
  const int begin = canvas.prompt_size() < end ? canvas.prompt_size() : 0;
  const int length = options.block > 0 ? options.block : end - begin;
  std::vector<Block> blocks;
  for (int start = begin; start < end; start += length) {
    const int stop = std::min(start + length, end);
    if (canvas.count_open(start, stop) > 0) blocks.push_back({start, stop, 0});
  }
  const int count = static_cast<int>(blocks.size());
  const int steps = options.steps > 0 ? options.steps : canvas.count_open(0, end);
  if (steps < count) {
    throw Error(ErrorCode::usage,
                std::to_string(steps) + " steps are fewer than the " + std::to_string(count) +
                    " blocks of the canvas",
                "use --steps " + std::to_string(count) + " or more, or a longer --block");
  }
  for (int i = 0; i < count; ++i) blocks[i].steps = steps / count + (i < steps % count);
  return blocks;
}

class BlockRule : public Rule {
 public:
  BlockRule(const DecodeOptions& options, Vocabulary vocabulary, const Canvas& canvas)
      : options_(options),
        vocabulary_(std::move(vocabulary)),
        blocks_(cut_into_blocks(options, canvas)),
        schedule_(make_schedule(options)),
        commit_(make_commit_rule(options)) {}

  int steps() const override {
    int total = 0;
    for (const Block& block : blocks_) total += block.steps;
    return total;
  }

  std::optional<Wants> wants(const Canvas& canvas) override {
    for (; block_ < blocks_.size(); next_block()) {
      const Block& block = blocks_[block_];
      if (at_.step == 0) at_.open_at_start = canvas.count_open(block.begin, block.end);
      at_.steps = block.steps;
      // Open positions left of the block compete too, though the quota may not count them.
      at_.candidates = canvas.count_open(0, block.end);
      for (; at_.step < at_.steps; ++at_.step, ++step_) {
        if (at_.candidates > 0 && !commit_->is_idle(*schedule_, at_)) {
          return Wants{canvas.open_positions(0, block.end), step_, static_cast<int>(block_)};
        }
      }
    }
    return std::nullopt;
  }

  Edit step(const Canvas& canvas, const at::Tensor& logits, Noise& noise) override {
    const std::vector<int> rows = canvas.open_positions(0, blocks_[block_].end);
    const Prediction prediction = predict_tokens(logits, rows, options_, vocabulary_, step_, noise);
    Edit edit;
    for (const int i : commit_->choose(prediction, *schedule_, at_, step_, noise)) {
      edit.writes.push_back(
          {prediction.positions[i], prediction.tokens[i], prediction.confidence[i]});
    }
    ++at_.step;
    ++step_;
    return edit;
  }

 private:
  void next_block() {
    ++block_;
    at_.step = 0;
  }

  DecodeOptions options_;
  Vocabulary vocabulary_;
  std::vector<Block> blocks_;
  std::unique_ptr<Schedule> schedule_;
  std::unique_ptr<CommitRule> commit_;
  std::size_t block_ = 0;
  StepInBlock at_{};
  int step_ = 0;  // over all blocks
};

}  // namespace

std::unique_ptr<Rule> make_rule(const DecodeOptions& options, const Vocabulary& vocabulary,
                                const Canvas& canvas) {
  return std::make_unique<BlockRule>(options, vocabulary, canvas);
}

}  // namespace unmask
