// What the decoder asks a model: the distribution at some positions of some sequences.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "family/family.h"
#include "unmask/engine.h"

namespace unmask {

class Transformer;

/// One sequence of a batch.
struct Request {
  std::span<const int> ids;
  /// Position of each id for the rotary embedding; -1 is padding, neither key nor query.
  /// Empty: 0, 1, 2, ...
  std::span<const int> positions;
  /// Indices into `ids` whose token is to be predicted.
  std::span<const int> rows;
  /// Which keys a query sees.
  Attention attention;
};

/// A loaded checkpoint. Immutable; the logit shift, the head over only the wanted rows, padding and
/// the attention mask are behind it.
class Model {
 public:
  /// Opens the weights, checks that every tensor is there and of its shape, and maps or converts
  /// it.
  Model(const std::filesystem::path& folder, ModelFacts facts, ComputeType dtype);
  ~Model();

  const ModelFacts& facts() const { return facts_; }

  /// For each request the logits at its rows, float32 [rows, vocab rows], shifted as the family's
  /// generate does. The requests are computed in one batch, the shorter ones padded.
  std::vector<at::Tensor> predict(std::span<const Request> requests) const;

  /// The network's raw output for every position of one sequence, unshifted: [tokens, vocab rows].
  /// With `hidden`, the embedding, each layer's output and the final norm are appended to it in
  /// that order, each [tokens, hidden].
  at::Tensor raw_logits(const Request& request, std::vector<at::Tensor>* hidden = nullptr) const;

 private:
  ModelFacts facts_;
  std::unique_ptr<Transformer> network_;
};

}  // namespace unmask
