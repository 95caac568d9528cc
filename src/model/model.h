// What the decoder asks a model: the distribution at some positions of some sequences.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "family/family.h"
#include "model/key_value_cache.h"
#include "model/place.h"
#include "unmask/engine.h"

namespace unmask {

class Network;

/// One sequence of a batch.
struct Request {
  /// All that can be seen: the tokens at indices 0, 1, 2, ...
  std::span<const int> ids;
  /// Position of each id for the rotary embedding. Empty: the indices.
  std::span<const int> positions = {};
  /// Indices whose token is to be predicted. With a logit shift the output is taken from the index
  /// before, which must be among those computed; ids.size() is then allowed too.
  std::span<const int> rows = {};
  /// Which keys a query sees.
  Attention attention = {};
  /// The same said outright, in place of `attention`: bool [computed, ids], true where visible.
  std::optional<at::Tensor> visible = std::nullopt;
  /// The indices computed in this pass, ascending; empty: all. The keys and values of the others
  /// are taken from the cache, where those computed now are put.
  std::vector<int> compute = {};
  KeyValueCache* cache = nullptr;
  /// The noise level sigma, for the networks that are told it.
  double noise_level = 0;
};

/// A loaded checkpoint. Immutable; the logit shift, the head over only the wanted rows, batching
/// and attention masks are behind it.
class Model {
 public:
  /// Opens the weights, checks that every tensor is there and of its shape, and maps or converts
  /// it.
  Model(std::shared_ptr<const Checkpoint> checkpoint, ModelFacts facts, ComputeType dtype);

  /// A network that is there already, computed in float32.
  Model(ModelFacts facts, std::unique_ptr<Network> network);
  ~Model();
  Model(Model&&) noexcept;

  const ModelFacts& facts() const { return facts_; }

  /// For each request the logits at its rows, float32 [rows, head rows], shifted as the family's
  /// generate does. All requests are computed in one pass, side by side without padding.
  /// Throws std::logic_error for a request that does not fit itself.
  std::vector<at::Tensor> predict(std::span<const Request> requests) const;

  /// The network's raw output for every computed index of one sequence, unshifted: [tokens, head
  /// rows]. With `hidden`, the embedding, each layer's output and the final norm are appended to it
  /// in that order, each [tokens, hidden].
  at::Tensor raw_logits(const Request& request, std::vector<at::Tensor>* hidden = nullptr) const;

  /// An empty cache for one sequence of at most `capacity` tokens.
  std::unique_ptr<KeyValueCache> make_cache(int capacity) const;

 private:
  ModelFacts facts_;
  Place place_;
  std::unique_ptr<Network> network_;
};

}  // namespace unmask
