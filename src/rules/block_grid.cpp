#include "rules/block_grid.h"

#include <algorithm>

namespace unmask {
namespace {

/// The block of position p is (p + offset) / block.
int grid_offset(const DecodeOptions& options, int prompt) {
  if (options.grid == BlockGrid::absolute || options.length == 0) return 0;
  return (options.block - prompt % options.block) % options.block;
}

}  // namespace

Attention block_attention(const DecodeOptions& options, int prompt) {
  if (options.attention == AttentionKind::full) return {};
  return {.block = options.block, .offset = grid_offset(options, prompt)};
}

std::vector<Range> cut_into_blocks(const DecodeOptions& options, const Canvas& canvas) {
  const int end = canvas.size();
  const bool after_prompt = options.attention == AttentionKind::full &&
                            options.grid == BlockGrid::prompt && options.length > 0;
  const int begin = after_prompt ? canvas.prompt_size() : 0;
  const int length = options.block > 0 ? options.block : end - begin;
  const int offset = options.block > 0 ? grid_offset(options, canvas.prompt_size()) : 0;
  std::vector<Range> blocks;
  for (int start = begin, stop = begin; start < end; start = stop) {
    stop = after_prompt ? start + length : ((start + offset) / length + 1) * length - offset;
    stop = std::min(stop, end);
    if (canvas.count_open(start, stop) > 0) blocks.push_back({start, stop});
  }
  return blocks;
}

int canvas_size(const DecodeOptions& options, int prompt) {
  const int end = prompt + options.length;
  if (options.grid == BlockGrid::prompt || options.block == 0 || options.length == 0) return end;
  // Of the block after the last one, sub-blocks give the first token alone: it is what the network
  // predicts to come next.
  const int covered = options.sub_block > 0 ? end - 1 : end;
  const int blocks = (covered + options.block - 1) / options.block;
  return std::max(end, blocks * options.block);
}

}  // namespace unmask
