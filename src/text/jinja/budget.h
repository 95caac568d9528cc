// What a template may take: it is data from strangers, and what it asks for is counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace unmask::jinja {

struct Limits {
  std::uint64_t steps = 10'000'000;         ///< nodes evaluated, items and 64 bytes of text handled
  std::uint64_t memory = 128u << 20;        ///< bytes of values alive at once
  std::uint64_t template_bytes = 1u << 20;  ///< of the template's text
  int nesting = 100;                        ///< of brackets and blocks in the template
  int calls = 100;                          ///< of macros within macros
  int depth = 1000;                         ///< of evaluations within evaluations
  int value_depth = 100;                    ///< of lists and dicts within each other
};

/// What goes wrong in a template; whoever evaluates it adds where.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A failure that no template can put off.
class LimitReached : public Failure {
 public:
  using Failure::Failure;
};

class Budget;

/// Bytes that are counted while this lives.
class Charge {
 public:
  Charge() = default;
  Charge(Budget* budget, std::uint64_t bytes) : budget_(budget), bytes_(bytes) {}
  Charge(Charge&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
  Charge& operator=(Charge&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Charge();

 private:
  Budget* budget_ = nullptr;
  std::uint64_t bytes_ = 0;
};

class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits), steps_left_(limits.steps) {}

  const Limits& limits() const { return limits_; }

  void work(std::uint64_t units) {
    if (units > steps_left_) {
      throw LimitReached("the template takes more than " + std::to_string(limits_.steps) +
                         " steps");
    }
    steps_left_ -= units;
  }

  /// Throws where `bytes` more would be too many.
  void room(std::uint64_t bytes) const {
    if (bytes > limits_.memory - used_) {
      throw LimitReached("the template takes more than " + std::to_string(limits_.memory >> 20) +
                         " MiB of memory");
    }
  }

  Charge charge(std::uint64_t bytes) {
    take(bytes);
    return {this, bytes};
  }

  // For what grows and shrinks while it lives.
  void take(std::uint64_t bytes) {
    room(bytes);
    used_ += bytes;
  }
  void give_back(std::uint64_t bytes) { used_ -= bytes; }

 private:
  friend class Charge;

  Limits limits_;
  std::uint64_t steps_left_;
  std::uint64_t used_ = 0;
};

inline Charge::~Charge() {
  if (budget_ != nullptr) budget_->used_ -= bytes_;
}

}  // namespace unmask::jinja
