#include "rules/cache/cache.h"

namespace unmask {

std::unique_ptr<CachePolicy> make_cache_policy(const DecodeOptions& options) {
  const bool has_final_blocks = options.attention == AttentionKind::block;
  switch (options.cache) {
    case CacheKind::automatic:
      return has_final_blocks ? make_block_cache() : nullptr;
    case CacheKind::none:
      return nullptr;
    case CacheKind::block:
      return make_block_cache();
    case CacheKind::prefix:
      return make_prefix_cache();
    case CacheKind::dual:
      return make_dual_cache();
    case CacheKind::delayed:
      return make_delayed_cache(options.cache_refresh);
    case CacheKind::sub_block:
      return make_sub_block_cache();
  }
  return nullptr;
}

}  // namespace unmask
