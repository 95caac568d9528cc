// --verify-cache: how much the cache changed.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "session/answer.h"
#include "unmask/engine.h"
#include "unmask/events.h"

namespace unmask {

/// Remembers the step in which each position of each draft got its last token.
class WriteSteps : public Events {
 public:
  explicit WriteSteps(int drafts) : steps_(static_cast<std::size_t>(drafts)) {}
  void on_step(const StepEvent& event) override;

  /// Of a position that is still open: after all others.
  static constexpr int kNever = std::numeric_limits<int>::max();
  int step_of(std::size_t draft, std::size_t position) const;

 private:
  std::vector<std::vector<int>> steps_;  // [draft][position]
};

/// The plan without a cache. Error{usage} where it has none in the first place.
Plan uncached(const Plan& plan);

/// What there is to say about the two runs, one line per draft: the share of equal tokens, and of
/// those that differ the one that the cached run wrote first.
std::string cache_report(const Plan& plan, const std::vector<Answer>& cached,
                         const std::vector<Answer>& uncached, const WriteSteps& steps);

}  // namespace unmask
