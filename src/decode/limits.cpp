#include "decode/limits.h"

#include <algorithm>

namespace unmask {
Limits::Limits(const GenerationRequest& request)
    : max_forwards_(request.max_forwards), deadline_seconds_(request.deadline_seconds) {}

void Limits::begin_pass() { pass_begin_ = Clock::now(); }

void Limits::end_pass() {
  ++forwards_;
  pass_seconds_ = std::max(pass_seconds_, seconds_since(pass_begin_));
}

std::optional<Finish> Limits::reached() const {
  if (max_forwards_ > 0 && forwards_ + 1 >= max_forwards_) return Finish::budget;
  const bool late =
      deadline_seconds_ > 0 && seconds_since(begin_) + 2 * pass_seconds_ > deadline_seconds_;
  return late ? std::optional(Finish::deadline) : std::nullopt;
}

}  // namespace unmask
