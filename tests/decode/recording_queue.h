// A queue that notes what comes back.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "unmask/engine.h"

namespace unmask::testing {

class RecordingQueue : public RequestQueue {
 public:
  explicit RecordingQueue(std::vector<GenerationRequest> all) : requests(std::move(all)) {}

  std::optional<GenerationRequest> next() override {
    ++asked;
    if (taken == requests.size()) return std::nullopt;
    return requests[taken++];
  }

  void finished(std::size_t number, Generation generation) override {
    ended.push_back(number);
    results.emplace(number, std::move(generation));
  }

  void failed(std::size_t number, const Error& error) override {
    ended.push_back(number);
    errors.emplace(number, error);
  }

  std::vector<GenerationRequest> requests;
  std::size_t taken = 0;
  int asked = 0;
  std::vector<std::size_t> ended;  ///< in this order
  std::map<std::size_t, Generation> results;
  std::map<std::size_t, Error> errors;
};

}  // namespace unmask::testing
