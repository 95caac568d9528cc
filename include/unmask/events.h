// What the decoder reports while it works. It never prints.
#pragma once

#include <cstddef>
#include <span>

namespace unmask {

/// A denoising step after which the canvas may have changed. The spans are valid during the call.
struct StepEvent {
  std::size_t request;                ///< its number: index among those given or taken
  int step;                           ///< as the reference counts, from 0, over the whole run
  int steps;                          ///< how many there are at most
  int block;                          ///< index of the block worked on, from 0
  int open;                           ///< positions still masked after the step
  int final_before = 0;               ///< positions before this one will not change any more
  std::span<const int> canvas;        ///< prompt and generated positions after the step
  std::span<const int> committed;     ///< positions that got their token, ascending
  std::span<const int> revised;       ///< positions that lost or changed a token, ascending
  std::span<const float> confidence;  ///< one per committed: its token's probability
};

/// Receives the reports of Engine::run and generate, on the thread that called it. What it throws
/// fails the request that it was told of.
class Events {
 public:
  virtual ~Events() = default;
  virtual void on_step(const StepEvent& event) = 0;
};

}  // namespace unmask
