// What a sequence asks of the network.
#include <algorithm>
#include <iterator>

#include "decode/sequence.h"

namespace unmask {

bool Sequence::needs_pass() const { return !wants_.rows.empty() || !wants_.drafts.empty(); }

std::vector<Request> Sequence::make_requests() {
  if (wants_.drafts.empty()) return {wants_.shadow.empty() ? make_request() : make_shadowed()};
  std::vector<Request> requests;
  for (const Draft& draft : wants_.drafts) {
    requests.push_back({.ids = draft.ids,
                        .rows = draft.rows,
                        .attention = attention_,
                        .noise_level = wants_.noise_level});
  }
  return requests;
}

Request Sequence::make_shadowed() {
  shadowed_ = with_shadow(canvas_, wants_, logit_shift_);
  return {.ids = shadowed_.ids,
          .positions = shadowed_.positions,
          .rows = shadowed_.rows,
          .visible = shadowed_.visible,
          .noise_level = wants_.noise_level};
}

Request Sequence::make_request() {
  const int end =
      options_.attention == AttentionKind::block ? wants_.block_range.end : canvas_.size();
  Request request{.ids = canvas_.ids().first(static_cast<std::size_t>(end)),
                  .rows = asked_,
                  .attention = attention_,
                  .noise_level = wants_.noise_level};
  if (cache_policy_ == nullptr) return request;
  request.cache = cache_.get();
  // The output that predicts a row may belong to a token whose keys are cached already.
  const std::vector<int> computed = cache_policy_->compute(canvas_, wants_, end);
  std::vector<int> sources = asked_;
  if (logit_shift_) {
    for (int& source : sources) source = std::max(source - 1, 0);
  }
  std::set_union(computed.begin(), computed.end(), sources.begin(), sources.end(),
                 std::back_inserter(request.compute));
  request.compute.erase(std::unique(request.compute.begin(), request.compute.end()),
                        request.compute.end());  // the first two rows may have one source
  return request;
}

std::vector<int> Sequence::asked_positions() const {
  if (wants_.drafts.empty()) {
    std::vector<int> positions = asked_;
    positions.insert(positions.end(), wants_.shadow.begin(), wants_.shadow.end());
    return positions;
  }
  std::vector<int> positions;
  for (const Draft& draft : wants_.drafts) {
    positions.insert(positions.end(), draft.rows.begin(), draft.rows.end());
  }
  return positions;
}

}  // namespace unmask
