// Fast-dLLM v2's use_block_cache: within a block, the keys and values outside the sub-block worked
// on are those of the last pass over the whole block, which is made when the first token of a
// sub-block is still open. Approximate: the other sub-blocks do not see what was written since.
#include <algorithm>

#include "rules/cache/cache.h"

namespace unmask {
namespace {

class SubBlockCache : public CachePolicy {
 public:
  std::vector<int> compute(const Canvas& canvas, const Wants& wants, int end) override {
    const Range block = wants.block_range;
    const bool cached = block_begin_ == block.begin;
    const bool finishes = wants.rows.front() >= block.end;  // only what comes next is wanted
    if (cached && !finishes && !canvas.is_open(wants.focus.begin)) return indices(wants.focus);
    const Range computed{std::min(kept_, block.begin), end};
    block_begin_ = block.begin;
    kept_ = finishes ? block.end : block.begin;
    return indices(computed);
  }

 private:
  int kept_ = 0;          // positions before this one are in the cache as they will stay
  int block_begin_ = -1;  // the block that the cache has been filled for
};

}  // namespace

extern const CacheCard kSubBlockCache{
    .rule = {.name = "sub-block", .help = "also what is beside the part worked on"},
    .make = [](Values) -> std::unique_ptr<CachePolicy> {
      return std::make_unique<SubBlockCache>();
    },
    .sub_blocks = true,
};

}  // namespace unmask
