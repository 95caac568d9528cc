#include "decode/prediction.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

namespace unmask {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLeastTemperature = 1e-30;  // a float32 can still divide by it

bool filters(const Sampling& sampling) { return sampling.top_p < 1 || sampling.top_k > 0; }

/// Everything outside the most probable ids that together reach top_p at -inf.
at::Tensor keep_top_p(const at::Tensor& logits, double top_p) {
  if (top_p >= 1) return logits;
  const auto [sorted, order] = logits.sort(-1, /*descending=*/true);
  const at::Tensor before = sorted.softmax(-1).cumsum(-1).roll(1, -1);
  at::Tensor dropped = before.gt(top_p);
  dropped.select(-1, 0).fill_(false);  // the best one always stays
  return logits.masked_fill(at::zeros_like(dropped).scatter(-1, order, dropped), -kInfinity);
}

/// Everything below the top_k-th largest at -inf.
at::Tensor keep_top_k(const at::Tensor& logits, int top_k) {
  if (top_k == 0 || top_k >= logits.size(-1)) return logits;
  const at::Tensor least = std::get<0>(logits.topk(top_k, -1)).slice(-1, top_k - 1);
  return logits.masked_fill(logits.lt(least), -kInfinity);
}

/// Logits for drawing: over the temperature, and what the filters drop at -inf.
at::Tensor filter(const at::Tensor& logits, const Sampling& sampling) {
  at::Tensor kept = logits;
  if (sampling.temperature > 0) {
    // With the best one at 0, the smallest temperature cannot overflow.
    kept = (logits - logits.amax(-1, true)) / std::max(sampling.temperature, kLeastTemperature);
  }
  if (sampling.top_k_first) {
    return keep_top_p(keep_top_k(kept, sampling.top_k), sampling.top_p);
  }
  return keep_top_k(keep_top_p(kept, sampling.top_p), sampling.top_k);
}

at::Tensor token_noise(const at::Tensor& logits, std::span<const int> positions, int step,
                       Noise& noise) {
  const at::Tensor uniforms = at::empty(logits.sizes(), at::kDouble);
  const auto vocab = static_cast<std::size_t>(logits.size(-1));
  for (std::size_t row = 0; row < positions.size(); ++row) {
    noise.uniforms(Purpose::token, step, positions[row],
                   {uniforms.data_ptr<double>() + row * vocab, vocab});
  }
  return uniforms;
}

/// One draw per row by inverting the cumulative distribution of softmax(scores).
at::Tensor draw(const at::Tensor& scores, std::span<const int> positions, int step, Noise& noise) {
  const at::Tensor cumulative = scores.to(at::kDouble).softmax(-1).cumsum(-1);
  const at::Tensor targets = at::empty({scores.size(0), 1}, at::kDouble);
  for (std::size_t row = 0; row < positions.size(); ++row) {
    targets.data_ptr<double>()[row] = noise.uniform(Purpose::token, step, positions[row]);
  }
  // Rounding may leave the last sum below 1, hence the scaling.
  const at::Tensor total = cumulative.slice(-1, -1);
  return at::searchsorted(cumulative, targets * total, /*out_int32=*/false, /*right=*/true)
      .clamp_max(scores.size(-1) - 1)
      .squeeze(-1);
}

/// The token of each row, by `scores`, the filtered logits; where the filter left nothing that can
/// be chosen, it is the best of the others.
at::Tensor choose(const at::Tensor& logits, const at::Tensor& scores, const TokenMask& mask,
                  std::span<const int> positions, const Sampling& sampling, int step,
                  Noise& noise) {
  const auto allow = [&](const at::Tensor& all) {
    return sampling.any_id ? all : mask.writable(all);
  };
  at::Tensor allowed = allow(scores);
  if (filters(sampling)) {
    const at::Tensor nothing_left = allowed.amax(-1, true).eq(-kInfinity);
    allowed = at::where(nothing_left, allow(logits), allowed);
  }
  if (sampling.temperature == 0) return allowed.argmax(-1);
  if (sampling.sampler == Sampler::categorical) return draw(allowed, positions, step, noise);
  // `scores` are already over the temperature, so the noise has scale 1.
  return gumbel_scores(allowed, 1, token_noise(allowed, positions, step, noise)).argmax(-1);
}

/// In nats; the constant is Dream's.
at::Tensor entropy_of(const at::Tensor& probabilities) {
  return -(probabilities * (probabilities + 1e-10).log()).sum(-1);
}

at::Tensor rank_values(const at::Tensor& probabilities, const at::Tensor& confidence,
                       std::span<const int> positions, Order order, int step, Noise& noise) {
  switch (order) {
    case Order::confidence:
      return confidence;
    case Order::margin: {
      const at::Tensor best = std::get<0>(probabilities.topk(2, -1));
      return best.select(-1, 0) - best.select(-1, 1);
    }
    case Order::entropy:
      return -entropy_of(probabilities);  // the surest is largest
    case Order::left:
    case Order::random:
      break;
  }
  const at::Tensor values = at::empty({probabilities.size(0)}, at::kFloat);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    values.data_ptr<float>()[i] = static_cast<float>(
        order == Order::left ? -positions[i] : noise.uniform(Purpose::order, step, positions[i]));
  }
  return values;
}

std::vector<float> to_floats(const at::Tensor& tensor) {
  const at::Tensor values = tensor.to(at::kFloat).contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

}  // namespace

at::Tensor filtered_probabilities(const at::Tensor& logits, const Sampling& sampling) {
  return filter(logits, sampling).softmax(-1);
}

at::Tensor gumbel_scores(const at::Tensor& logits, double temperature, const at::Tensor& uniforms) {
  return logits.to(at::kDouble) - temperature * (-uniforms.log()).log();
}

Prediction predict_tokens(const at::Tensor& network_logits, std::span<const int> positions,
                          const Sampling& sampling, const TokenMask& mask, Needs needs, int step,
                          Noise& noise) {
  const at::Tensor logits = mask.distribution(network_logits);
  const at::Tensor scores = filter(logits, sampling);
  const at::Tensor tokens = choose(logits, scores, mask, positions, sampling, step, noise);
  // LLaDA is as sure of a token as the network is; Dream as the distribution it was drawn from.
  const at::Tensor judged = sampling.sampler == Sampler::gumbel ? logits : scores;
  const at::Tensor probabilities = judged.softmax(-1);
  const auto probability_of_tokens = [&](const at::Tensor& distribution) {
    return distribution.gather(-1, tokens.unsqueeze(-1)).squeeze(-1);
  };
  const at::Tensor confidence = probability_of_tokens(probabilities);
  at::Tensor rank = rank_values(probabilities, confidence, positions, sampling.order, step, noise);
  if (mask.ranks_some_last() && sampling.order == Order::confidence) {
    rank = probability_of_tokens(mask.without_last(judged).softmax(-1));
  } else if (mask.ranks_some_last()) {
    rank = rank.masked_fill(mask.is_last(tokens), -kInfinity);
  }

  const at::Tensor ids = tokens.contiguous();
  const auto* id = ids.data_ptr<std::int64_t>();
  return {{positions.begin(), positions.end()},
          {id, id + ids.numel()},
          to_floats(confidence),
          to_floats(rank),
          needs.entropy ? to_floats(entropy_of(probabilities)) : std::vector<float>{}};
}

}  // namespace unmask
