// A given number of requests as a queue.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "unmask/engine.h"

namespace unmask {

/// Gives the requests in their order and keeps the answers. The first failure ends the run: it is
/// thrown.
class RequestList : public RequestQueue {
 public:
  explicit RequestList(std::span<const GenerationRequest> requests)
      : requests_(requests), results_(requests.size()) {}

  std::optional<GenerationRequest> next() override {
    if (taken_ == requests_.size()) return std::nullopt;
    return requests_[taken_++];
  }

  void finished(std::size_t number, Generation generation) override {
    results_[number] = std::move(generation);
  }

  void failed(std::size_t, const Error& error) override { throw Error(error); }

  /// One for each request, in their order.
  const std::vector<Generation>& results() const { return results_; }

 private:
  std::span<const GenerationRequest> requests_;
  std::size_t taken_ = 0;
  std::vector<Generation> results_;
};

}  // namespace unmask
