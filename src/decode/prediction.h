// From logits to a token for each candidate position, and how sure the network is of it.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "decode/token_mask.h"
#include "rules/distributions.h"

namespace unmask {

/// Chooses tokens and ranks positions for `logits`, float32 [positions, head rows], as the network
/// gave them. `step` keys the noise.
Prediction predict_tokens(const at::Tensor& logits, std::span<const int> positions,
                          const Sampling& sampling, const TokenMask& mask, Needs needs, int step,
                          Noise& noise);

/// The distribution that tokens are drawn from: logits over temperature, then top-p, then top-k
/// (Dream) or the other way round (SDAR, RND1), then softmax. Float32. Tokens that are filtered out
/// keep probability 0. [rows, vocab] -> [rows, vocab].
at::Tensor filtered_probabilities(const at::Tensor& logits, const Sampling& sampling);

/// LLaDA's Gumbel-max scores, as logarithms: logits - temperature * ln(-ln u). Float64 [rows,
/// vocab].
at::Tensor gumbel_scores(const at::Tensor& logits, double temperature, const at::Tensor& uniforms);

}  // namespace unmask
