// Keys and values of finished blocks are kept: exact, since under block attention nothing that
// comes later changes them. Those of a block are computed for the last time together with the first
// pass of the next one, so that they cost no pass of their own.
#include <algorithm>

#include "rules/cache/cache.h"

namespace unmask {
namespace {

class BlockCache : public CachePolicy {
 public:
  std::vector<int> compute(const Canvas&, const Wants& wants, int end) override {
    const Range computed{std::min(kept_, wants.block_range.begin), end};
    // A pass that only asks what follows the block leaves it as it is.
    const bool is_final = wants.rows.front() >= wants.block_range.end;
    kept_ = is_final ? end : wants.block_range.begin;
    return indices(computed);
  }

 private:
  int kept_ = 0;  // positions before this one are in the cache as they will stay
};

}  // namespace

extern const CacheCard kBlockCache{
    .rule = {.name = "block", .help = "finished blocks"},
    .make = [](Values) -> std::unique_ptr<CachePolicy> { return std::make_unique<BlockCache>(); },
    .attention = AttentionKind::block,
};

}  // namespace unmask
