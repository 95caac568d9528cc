// Who answers: the model half, which loads a checkpoint and runs it. Built as a library of its own,
// because loading libtorch takes a third of a second that `--help` should not cost.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "unmask/checkpoint.h"
#include "unmask/error.h"
#include "unmask/events.h"
#include "unmask/request.h"

namespace unmask {

/// Number format in which the network is computed.
enum class ComputeType {
  automatic,  ///< exactly with the checkpoint's values; float32 on a CPU
  f32,
  bf16,
};

/// What to load and where to run it.
struct EngineOptions {
  std::shared_ptr<const Checkpoint> checkpoint;
  std::string family;  ///< overrides what config.json says; empty: recognise it
  ComputeType dtype = ComputeType::automatic;
  int threads = 0;          ///< 0: as many as the machine lets us use
  bool allow_code = false;  ///< a checkpoint that is a program may be run
  /// Overrides whether the prediction for a position is the output of the one before.
  std::optional<bool> logit_shift;
};

/// Raw network outputs for one sequence, before any logit shift.
struct RawLogits {
  struct Tensor {
    std::string name;  ///< "logits", "hidden.embed", "hidden.layer0", "hidden.final_norm"
    std::vector<std::int64_t> shape;
    std::vector<float> values;
  };
  std::vector<Tensor> tensors;
};

/// Which keys a query sees.
struct Attention {
  /// 0: all of them; else key j is visible to query i if its block is not a later one. The block of
  /// index i is (i + offset) / block.
  int block = 0;
  int offset = 0;
  /// 0: no limit; else only the last `window` indices are visible (BD3-LM beyond its length).
  int window = 0;
};

/// Where the requests of a long run come from and where their answers go. Requests are numbered
/// from 0 in the order in which they are taken. Called on the thread that called Engine::run.
class RequestQueue {
 public:
  virtual ~RequestQueue() = default;

  /// The next request; asked before every step in which there is room for one. Nothing when there
  /// is none for now; the run ends when none is under way either.
  virtual std::optional<GenerationRequest> next() = 0;

  /// Called once for every request taken, in the order in which they end.
  virtual void finished(std::size_t number, Generation generation) = 0;
  virtual void failed(std::size_t number, const Error& error) = 0;
};

/// How much is decoded together.
struct BatchLimits {
  int requests = 8;  ///< requests in one forward pass, at least 1
  /// Tokens of their canvases together, guidance's and drafts' counted too; 0: no limit. One
  /// request always fits.
  int tokens = 0;
};

/// A loaded model. Not thread-safe: one call at a time.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Decodes what the queue has. Canvases of unequal lengths go through the network together; those
  /// that are done leave and new ones enter between steps. What a request gets does not depend on
  /// the others, and one that fails leaves the others as they are. Events name requests by number.
  /// Throws Error{interrupted} when a stop was asked for, and what the queue throws.
  virtual void run(RequestQueue& queue, BatchLimits limits, Events* events) = 0;

  /// Decodes all requests together, in one batch; answers in the same order.
  /// Throws Error: {failure} for non-finite logits, with step and position; {resource} when memory
  /// does not suffice; {interrupted} when a stop was asked for.
  virtual std::vector<Generation> generate(std::span<const GenerationRequest> requests,
                                           Events* events) = 0;

  /// Logits of [tokens, vocab] for each sequence, each computed by itself.
  virtual std::vector<RawLogits> logits(std::span<const std::vector<int>> sequences,
                                        Attention attention, bool hidden) = 0;
};

/// Loads the checkpoint. In libunmask_engine.so; the command reaches them through dlopen.
using EngineCreate = Engine* (*)(const EngineOptions& options);
using EngineVersion = const char* (*)();
inline constexpr const char* kEngineCreateSymbol = "unmask_engine_create";
inline constexpr const char* kEngineVersionSymbol = "unmask_engine_version";

}  // namespace unmask
