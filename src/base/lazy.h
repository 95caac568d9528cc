// A value that is made when it is first asked for, so that what nobody needs costs nothing.
#pragma once

#include <mutex>
#include <optional>
#include <utility>

namespace unmask {

/// Made once, by the thread that asks first; others wait for it. Where making it throws, the next
/// one to ask tries again. `make` must not ask for the same value.
template <typename Value>
class Lazy {
 public:
  template <typename Make>
  const Value& get(Make&& make) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!value_) value_.emplace(std::forward<Make>(make)());
    return *value_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::optional<Value> value_;
};

}  // namespace unmask
