#include "decode/prediction.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <string>

#include "unmask/error.h"

namespace unmask {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLeastTemperature = 1e-30;  // a float32 can still divide by it

/// A row's maximum is finite exactly when no value is NaN or +inf and not all are -inf.
void check_finite(const at::Tensor& logits, std::span<const int> positions, int step) {
  const at::Tensor bad = logits.amax(-1).isfinite().logical_not();
  if (!bad.any().item<bool>()) return;
  const auto row = bad.to(at::kInt).argmax().item<std::int64_t>();
  throw Error(ErrorCode::failure,
              "non-finite logits at step " + std::to_string(step) + ", position " +
                  std::to_string(positions[row]),
              "the weights may be damaged; unmask inspect --check-values counts bad ones");
}

/// Logits in which `ids` can never be chosen; the given tensor stays as it is.
at::Tensor without(const at::Tensor& logits, const std::vector<std::int64_t>& ids) {
  return ids.empty() ? logits : logits.index_fill(-1, at::tensor(ids, at::kLong), -kInfinity);
}

/// `ids`, and the end tokens where they count as such too.
std::vector<std::int64_t> joined(const std::vector<int>& ids, bool ends_too,
                                 const std::vector<int>& end_ids) {
  std::vector<std::int64_t> all(ids.begin(), ids.end());
  if (ends_too) all.insert(all.end(), end_ids.begin(), end_ids.end());
  return all;
}

bool filters(const DecodeOptions& options) { return options.top_p < 1 || options.top_k > 0; }

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
at::Tensor filter(const at::Tensor& logits, const DecodeOptions& options) {
  at::Tensor kept = logits;
  if (options.temperature > 0) {
    // With the best one at 0, the smallest temperature cannot overflow.
    kept = (logits - logits.amax(-1, true)) / std::max(options.temperature, kLeastTemperature);
  }
  if (options.top_k_first) {
    return keep_top_p(keep_top_k(kept, options.top_k), options.top_p);
  }
  return keep_top_k(keep_top_p(kept, options.top_p), options.top_k);
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

/// The token of each row, by `scores`, the filtered logits. Never the mask, nor a row of the head
/// that has no token; where the filter left only those, it is the best of the others.
at::Tensor choose(const at::Tensor& logits, const at::Tensor& scores, const Vocabulary& vocabulary,
                  std::span<const int> positions, const DecodeOptions& options, int step,
                  Noise& noise) {
  const auto allow = [&](const at::Tensor& all) {
    const at::Tensor tokens = all.slice(-1, 0, vocabulary.size);
    return vocabulary.mask_id < vocabulary.size ? without(tokens, {vocabulary.mask_id}) : tokens;
  };
  at::Tensor allowed = allow(scores);
  if (filters(options)) {
    const at::Tensor nothing_left = allowed.amax(-1, true).eq(-kInfinity);
    allowed = at::where(nothing_left, allow(logits), allowed);
  }
  if (options.temperature == 0) return allowed.argmax(-1);
  if (options.sampler == Sampler::categorical) return draw(allowed, positions, step, noise);
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

at::Tensor writable_logits(const at::Tensor& logits, std::span<const int> positions,
                           const DecodeOptions& options, const Vocabulary& vocabulary, int step) {
  check_finite(logits, positions, step);
  auto unwritable = joined(options.suppress, options.no_end, vocabulary.end_ids);
  if (vocabulary.mask_id < logits.size(-1)) unwritable.push_back(vocabulary.mask_id);
  for (int id = vocabulary.size; id < logits.size(-1); ++id) unwritable.push_back(id);
  return without(logits, unwritable);
}

at::Tensor filtered_probabilities(const at::Tensor& logits, const DecodeOptions& options) {
  return filter(logits, options).softmax(-1);
}

at::Tensor gumbel_scores(const at::Tensor& logits, double temperature, const at::Tensor& uniforms) {
  return logits.to(at::kDouble) - temperature * (-uniforms.log()).log();
}

Prediction predict_tokens(const at::Tensor& network_logits, std::span<const int> positions,
                          const DecodeOptions& options, const Vocabulary& vocabulary, int step,
                          Noise& noise) {
  check_finite(network_logits, positions, step);
  const at::Tensor logits =
      without(network_logits, joined(options.suppress, options.no_end, vocabulary.end_ids));

  const at::Tensor scores = filter(logits, options);
  const at::Tensor tokens = choose(logits, scores, vocabulary, positions, options, step, noise);
  // LLaDA is as sure of a token as the network is; Dream as the distribution it was drawn from.
  const at::Tensor judged = options.sampler == Sampler::gumbel ? logits : scores;
  const at::Tensor probabilities = judged.softmax(-1);
  const auto probability_of_tokens = [&](const at::Tensor& distribution) {
    return distribution.gather(-1, tokens.unsqueeze(-1)).squeeze(-1);
  };
  const at::Tensor confidence = probability_of_tokens(probabilities);
  at::Tensor rank = rank_values(probabilities, confidence, positions, options.order, step, noise);
  const auto last = joined(options.suppress_order, options.end_last, vocabulary.end_ids);
  if (!last.empty() && options.order == Order::confidence) {
    rank = probability_of_tokens(without(judged, last).softmax(-1));
  } else if (!last.empty()) {
    rank = rank.masked_fill(at::isin(tokens, at::tensor(last, at::kLong)), -kInfinity);
  }

  const at::Tensor ids = tokens.contiguous();
  const auto* id = ids.data_ptr<std::int64_t>();
  const bool needs_entropy =
      options.commit == CommitKind::entropy_sum || options.commit == CommitKind::entropy_bound;
  return {{positions.begin(), positions.end()},
          {id, id + ids.numel()},
          to_floats(confidence),
          to_floats(rank),
          needs_entropy ? to_floats(entropy_of(probabilities)) : std::vector<float>{}};
}

}  // namespace unmask
