// dKV-Cache (Ma et al. 2025, the variant for decoding): a pass computes what is open and what the
// step before has written; the keys and values of all other tokens are those of the last pass that
// computed them. They are taken one step late because they change most when a mask becomes a token.
// Every few passes, and in the first one of a block, everything is computed. Approximate: what is
// kept does not see the tokens written since.
#include "rules/cache/cache.h"

namespace unmask {
namespace {

class DelayedCache : public CachePolicy {
 public:
  explicit DelayedCache(int refresh) : refresh_(refresh) {}

  std::vector<int> compute(const Canvas& canvas, const Wants& wants, int end) override {
    if (block_ != wants.block) passes_ = 0;
    const bool everything = passes_++ % refresh_ == 0;
    std::vector<int> computed;
    for (int i = 0; i < end; ++i) {
      // A token that stood there in the last pass has been computed as what it is.
      const bool is_kept = !everything && !canvas.is_open(i) && canvas.ids()[i] == seen_[i];
      if (!is_kept) computed.push_back(i);
    }
    block_ = wants.block;
    seen_.assign(canvas.ids().begin(), canvas.ids().end());
    return computed;
  }

 private:
  int refresh_;
  int block_ = -1;
  int passes_ = 0;         // of the block
  std::vector<int> seen_;  // ids of the last pass
};

constexpr Parameter kDelayedParameters[] = {
    {.name = "N", .kind = Parameter::Kind::count, .least = 1, .fallback = 8}};

}  // namespace

extern const CacheCard kDelayedCache{
    .rule = {.name = "delayed",
             .help = "settled tokens, refreshed every N passes",
             .parameters = kDelayedParameters},
    .make = [](Values values) -> std::unique_ptr<CachePolicy> {
      return std::make_unique<DelayedCache>(static_cast<int>(values[0]));
    },
    .attention = AttentionKind::full,
};

}  // namespace unmask
