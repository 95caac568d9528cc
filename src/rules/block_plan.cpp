#include "rules/block_plan.h"

#include <algorithm>
#include <string>

#include "rules/block_grid.h"
#include "rules/cards.h"
#include "unmask/error.h"

namespace unmask {
namespace {

int divide_up(int number, int by) { return (number + by - 1) / by; }

/// A block's steps where they are rounded up: all have the same number of steps, rounded up, and
/// blocks in which nothing is open count too.
int rounded_up_steps(const DecodeOptions& options, const Canvas& canvas) {
  const int tokens = options.length > 0 ? canvas.size() - canvas.prompt_size() : canvas.size();
  const int blocks = divide_up(tokens, options.block > 0 ? options.block : tokens);
  const int steps = options.steps > 0 ? options.steps : canvas.count_open(0, canvas.size());
  return divide_up(steps, blocks);
}

}  // namespace

std::vector<int> steps_of_blocks(const DecodeOptions& options, const Canvas& canvas,
                                 std::span<const Range> blocks) {
  std::vector<int> all;
  if (options.steps_per == StepsPer::block) {
    for (const Range& block : blocks) {
      all.push_back(options.steps > 0 ? options.steps : block.size());
    }
    return all;
  }
  const int count = static_cast<int>(blocks.size());
  const int steps = options.steps > 0 ? options.steps : canvas.count_open(0, canvas.size());
  if (steps < count) {
    throw Error(ErrorCode::usage,
                std::to_string(steps) + " steps are fewer than the " + std::to_string(count) +
                    " blocks of the canvas",
                "use --steps " + std::to_string(count) + " or more, or a longer --block");
  }
  for (int i = 0; i < count; ++i) all.push_back(steps / count + (i < steps % count ? 1 : 0));
  return all;
}

std::vector<Block> plan_blocks(const DecodeOptions& options, const Canvas& canvas) {
  const std::vector<Range> ranges = cut_into_blocks(options, canvas);
  std::vector<Block> blocks;
  for (const Range& range : ranges) blocks.push_back({.range = range});
  // Holes of the prompt that no block has are filled along with the first one.
  const auto open = [&](const Block& block) {
    const bool takes_holes = options.attention == AttentionKind::full && &block == &blocks.front();
    return canvas.count_open(takes_holes ? 0 : block.range.begin, block.range.end);
  };
  for (Block& block : blocks) {
    block.first_alone = options.first_alone && canvas.is_open(block.range.begin);
  }
  if (options.commit.card->ending == Ending::filled) {
    const int least = commit_floor(options);
    for (Block& block : blocks) {
      const int alone = block.first_alone ? 1 : 0;
      block.steps = alone + divide_up(open(block) - alone, least);
    }
  } else if (options.schedule.card->rounds_up && options.steps_per == StepsPer::canvas) {
    for (Block& block : blocks) block.steps = rounded_up_steps(options, canvas);
  } else {
    const std::vector<int> steps = steps_of_blocks(options, canvas, ranges);
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i].steps = steps[i];
  }
  for (Block& block : blocks) {
    if (block.first_alone && open(block) > 1) block.steps = std::max(block.steps, 2);
    // What was put off is made up for afterwards, at least one position in a step.
    const bool puts_off = options.commit.card->ending == Ending::late;
    block.bound = block.steps + (puts_off ? open(block) : 0);
  }
  return blocks;
}

}  // namespace unmask
