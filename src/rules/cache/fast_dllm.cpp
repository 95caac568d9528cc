// Fast-dLLM's caches for full attention. The first pass of a block computes the whole canvas; until
// the block is done, the later ones take from it the keys and values before the block (prefix), or
// on both sides of it (dual). Approximate: what is outside does not see the block's new tokens.
#include "rules/cache/cache.h"

namespace unmask {
namespace {

class FastDllmCache : public CachePolicy {
 public:
  explicit FastDllmCache(bool keeps_what_follows) : keeps_what_follows_(keeps_what_follows) {}

  std::vector<int> compute(const Canvas&, const Wants& wants, int end) override {
    const Range block = wants.block_range;
    if (block.begin != filled_for_) {
      filled_for_ = block.begin;
      return indices({0, end});
    }
    return indices({block.begin, keeps_what_follows_ ? block.end : end});
  }

 private:
  bool keeps_what_follows_;
  int filled_for_ = -1;  // begin of the block whose first pass has been made
};

}  // namespace

extern const CacheCard kPrefixCache{
    .rule = {.name = "prefix", .help = "what is before the block"},
    .make = [](Values) -> std::unique_ptr<CachePolicy> {
      return std::make_unique<FastDllmCache>(/*keeps_what_follows=*/false);
    },
    .attention = AttentionKind::full,
    .block_alone = true,
};

extern const CacheCard kDualCache{
    .rule = {.name = "dual", .help = "also what is behind it"},
    .make = [](Values) -> std::unique_ptr<CachePolicy> {
      return std::make_unique<FastDllmCache>(/*keeps_what_follows=*/true);
    },
    .attention = AttentionKind::full,
    .block_alone = true,
    .sees_rest = false,
};

}  // namespace unmask
