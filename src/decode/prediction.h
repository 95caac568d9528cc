// From logits to a token for each candidate position, and how sure the network is of it.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "decode/noise.h"
#include "unmask/options.h"

namespace unmask {

/// Which ids can be written: not the mask, not rows of the head without a token.
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
  std::vector<float> entropy;  ///< of the distribution, in nats, where the commit rule asks for it
};

/// Chooses tokens and ranks positions for `logits`, float32 [positions, vocab rows], as the network
/// gave them. `step` keys the noise. Throws Error{failure} for logits that are not finite.
Prediction predict_tokens(const at::Tensor& logits, std::span<const int> positions,
                          const DecodeOptions& options, const Vocabulary& vocabulary, int step,
                          Noise& noise);

/// Logits at -inf where an id must not be written: the mask, rows of the head without a token, end
/// tokens and suppressed ones where the options say so. [positions, vocab rows]. Throws
/// Error{failure} for logits that are not finite.
at::Tensor writable_logits(const at::Tensor& logits, std::span<const int> positions,
                           const DecodeOptions& options, const Vocabulary& vocabulary, int step);

/// The distribution that tokens are drawn from: logits over temperature, then top-p, then top-k
/// (Dream) or the other way round (SDAR, RND1), then softmax. Float32. Tokens that are filtered out
/// keep probability 0. [rows, vocab] -> [rows, vocab].
at::Tensor filtered_probabilities(const at::Tensor& logits, const DecodeOptions& options);

/// LLaDA's Gumbel-max scores, as logarithms: logits - temperature * ln(-ln u). Float64 [rows,
/// vocab].
at::Tensor gumbel_scores(const at::Tensor& logits, double temperature, const at::Tensor& uniforms);

}  // namespace unmask
