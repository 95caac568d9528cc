// No cache, and the one that the attention allows.
#include "rules/cache/cache.h"

namespace unmask {

extern const CacheCard kAutoCache{.rule = {.name = "auto", .help = "block or none"}};
extern const CacheCard kNoCache{.rule = {.name = "none"}};

RuleChoice<CacheCard> cache_of(const DecodeOptions& options) {
  if (options.cache.card != &kAutoCache) return options.cache;
  const bool has_final_blocks = options.attention == AttentionKind::block;
  return {find_card<CacheCard>(has_final_blocks ? "block" : "none")};
}

std::unique_ptr<CachePolicy> make_cache_policy(const DecodeOptions& options) {
  const RuleChoice<CacheCard> cache = cache_of(options);
  return cache.card->make == nullptr ? nullptr : cache.card->make(cache.values);
}

}  // namespace unmask
