// Which ids can be written: the one place where ids are ruled out.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "unmask/options.h"

namespace unmask {

/// What of the head's rows is a token.
struct Vocabulary {
  int size;  ///< ids at or above have no token
  int mask_id;
};

/// Ids are ruled out in three degrees. Made once per sequence.
class TokenMask {
 public:
  TokenMask(const DecodeOptions& options, const Vocabulary& vocabulary);

  int mask_id() const { return vocabulary_.mask_id; }

  /// Ids that the options suppress have no place in the distribution: at -inf. How sure the network
  /// is of a token is taken of this. [rows, head rows] -> the same; the given tensor stays as it
  /// is.
  at::Tensor distribution(const at::Tensor& logits) const;

  /// What is never chosen is in the distribution all the same: the mask, here at -inf, and rows of
  /// the head without a token, here cut off. [rows, head rows] -> [rows, tokens].
  at::Tensor writable(const at::Tensor& logits) const;

  /// Tokens that are committed last are out of the distribution for the ranking alone.
  bool ranks_some_last() const { return !last_.empty(); }
  at::Tensor without_last(const at::Tensor& logits) const;  ///< -inf there
  at::Tensor is_last(const at::Tensor& tokens) const;       ///< bool, shape of `tokens`

 private:
  Vocabulary vocabulary_;
  std::vector<std::int64_t> suppressed_, last_;
};

}  // namespace unmask
