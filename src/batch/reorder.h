// Results that come in any order leave in the order in which their work was begun.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace unmask {

/// At most `window` results wait here or are still being worked on.
template <class Result>
class Reorder {
 public:
  explicit Reorder(std::size_t window) : window_(window) {}

  /// Whether another piece of work may be begun.
  bool has_room() const { return waiting_.size() < window_; }

  /// Begins one and returns its number, from 0.
  std::uint64_t begin() {
    waiting_.emplace_back();
    return first_ + waiting_.size() - 1;
  }

  /// The result of number `number`, which was begun and has none yet.
  void put(std::uint64_t number, Result result) {
    waiting_.at(static_cast<std::size_t>(number - first_)) = std::move(result);
  }

  /// The next result in order, once it is there.
  std::optional<Result> next() {
    if (waiting_.empty() || !waiting_.front()) return std::nullopt;
    std::optional<Result> result = std::move(waiting_.front());
    waiting_.pop_front();
    ++first_;
    return result;
  }

 private:
  std::size_t window_;
  std::uint64_t first_ = 0;  // number of the front
  std::deque<std::optional<Result>> waiting_;
};

}  // namespace unmask
