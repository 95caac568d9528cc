// From logits to a token for each candidate position, and how sure the network is of it.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "decode/noise.h"
#include "unmask/options.h"

namespace unmask {

/// Ids that are never written: the mask, rows of the head without a token, end tokens under no_end.
struct Vocabulary {
  int size;  ///< ids at or above have no token
  int mask_id;
  std::vector<int> end_ids;
};

/// What a step may write where. Index i of everything belongs to positions[i].
struct Prediction {
  std::vector<int> positions;
  std::vector<int> tokens;
  std::vector<float> confidence;  ///< probability of tokens[i]
  std::vector<float> rank;        ///< larger is committed earlier
};

/// Chooses tokens and ranks positions for `logits`, float32 [positions, vocab rows], as the network
/// gave them. `step` keys the noise. Throws Error{failure} for logits that are not finite.
Prediction predict_tokens(const at::Tensor& logits, std::span<const int> positions,
                          const DecodeOptions& options, const Vocabulary& vocabulary, int step,
                          Noise& noise);

/// Dream's distribution: logits over temperature, then top-p, then top-k, then softmax. Float32.
/// Tokens that are filtered out keep probability 0. [rows, vocab] -> [rows, vocab].
at::Tensor filtered_probabilities(const at::Tensor& logits, const DecodeOptions& options);

/// LLaDA's Gumbel-max scores, as logarithms: logits - temperature * ln(-ln u). Float64 [rows,
/// vocab].
at::Tensor gumbel_scores(const at::Tensor& logits, double temperature, const at::Tensor& uniforms);

}  // namespace unmask
