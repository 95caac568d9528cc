// Goes through the blocks of a canvas from left to right.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/range.h"
#include "rules/canvas.h"
#include "unmask/options.h"

namespace unmask {

class BlockCursor {
 public:
  BlockCursor(std::vector<Range> blocks, const DecodeOptions& options)
      : blocks_(std::move(blocks)),
        end_ids_(options.end_ids),
        stop_after_block_(options.stop_after_block) {}

  /// All blocks that are worked on, also those that have been left.
  const std::vector<Range>& blocks() const { return blocks_; }

  /// Whether the last block has been left.
  bool at_end() const { return index_ == blocks_.size(); }

  // Of the block worked on.
  int index() const { return static_cast<int>(index_); }
  Range range() const { return blocks_[index_]; }
  bool is_filled(const Canvas& canvas) const {
    return canvas.count_open(range().begin, range().end) == 0;
  }

  /// Goes on to the next block. There is none after one at whose end an end token has been written,
  /// where the options say so.
  void leave(const Canvas& canvas) {
    ++index_;
    if (stop_after_block_ && canvas.has_written(end_ids_)) blocks_.resize(index_);
  }

  /// Where the work begins, this block's begin or the end of the canvas; with `skipped`, that of so
  /// many blocks further on.
  int begin(const Canvas& canvas, std::size_t skipped = 0) const {
    const std::size_t index = index_ + skipped;
    return index < blocks_.size() ? blocks_[index].begin : canvas.size();
  }

 private:
  std::vector<Range> blocks_;
  std::vector<int> end_ids_;
  bool stop_after_block_;
  std::size_t index_ = 0;
};

}  // namespace unmask
