// What all kinds of networks have in common: packed sequences in, logits out.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <vector>

#include "model/key_value_cache.h"

namespace unmask {

/// One sequence's share of a batch.
struct Stretch {
  std::int64_t begin, end;  ///< its rows in the packed tensors
  std::int64_t first;       ///< index in the sequence of the first one
  at::Tensor indices;       ///< int64, of all of them; undefined: they follow each other
  std::int64_t keys_begin;  ///< indices of the sequence that can be seen
  std::int64_t keys_end;
  /// bool [rows, keys], true where a key is visible; none: all of them are.
  std::optional<at::Tensor> mask;
  KeyValueCache* cache;  ///< null: the keys are those of the rows themselves
};

/// Sequences one behind the other, without padding.
struct Batch {
  at::Tensor ids;        // int64 [tokens]
  at::Tensor positions;  // int64 [tokens]
  std::vector<Stretch> sequences;
  std::vector<double> noise_levels;  // sigma of each sequence
};

class Network {
 public:
  virtual ~Network() = default;

  /// The last hidden states, ready for the head: [tokens, hidden]. With `layers`, the embedding,
  /// each layer's output and the final norm's are appended to it.
  virtual at::Tensor hidden(const Batch& batch, std::vector<at::Tensor>* layers) const = 0;

  /// The head: float32 [rows, head rows] for rows of hidden().
  virtual at::Tensor logits(const at::Tensor& rows) const = 0;
};

}  // namespace unmask
