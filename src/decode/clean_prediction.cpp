#include "decode/clean_prediction.h"

#include <ATen/ATen.h>

#include <numeric>

#include "decode/prediction.h"

namespace unmask {
namespace {

at::Tensor distribution(const at::Tensor& writable, Sampling sampling) {
  const double top_p = sampling.top_p;
  sampling.top_p = 1;
  return mdlm_nucleus(filtered_probabilities(writable, sampling), top_p).contiguous();
}

}  // namespace

CleanPrediction::CleanPrediction(const at::Tensor& logits, std::span<const int> positions,
                                 const Sampling& sampling, const TokenMask& mask)
    : positions_(positions.begin(), positions.end()),
      probabilities_(distribution(mask.writable(mask.distribution(logits)), sampling)),
      mask_id_(mask.mask_id()),
      greedy_(sampling.temperature == 0) {
  ids_.resize(probabilities_.size(-1));
  std::iota(ids_.begin(), ids_.end(), 0);
  const at::Tensor best = probabilities_.argmax(-1).contiguous();
  best_.assign(best.data_ptr<std::int64_t>(), best.data_ptr<std::int64_t>() + best.numel());
}

std::span<const float> CleanPrediction::probabilities_at(std::size_t row) const {
  return {probabilities_.data_ptr<float>() + row * ids_.size(), ids_.size()};
}

std::vector<Write> CleanPrediction::draw(double reveal, double stay, int step, Noise& noise) const {
  constexpr float kCertain = 1;
  std::vector<Write> writes;
  for (std::size_t row = 0; row < positions_.size(); ++row) {
    const std::span<const float> p = probabilities_at(row);
    Choice choice{ids_, p, reveal, mask_id_, stay};
    if (greedy_) {
      choice.ids = {&best_[row], 1};
      choice.shares = {&kCertain, 1};
    }
    const int token = noise.draw(step, positions_[row], choice);
    if (token != mask_id_) writes.push_back({positions_[row], token, p[token]});
  }
  return writes;
}

std::vector<Write> CleanPrediction::most_probable() const {
  std::vector<Write> writes;
  for (std::size_t row = 0; row < positions_.size(); ++row) {
    writes.push_back({positions_[row], best_[row], probabilities_at(row)[best_[row]]});
  }
  return writes;
}

at::Tensor mdlm_nucleus(const at::Tensor& probabilities, double top_p) {
  if (top_p >= 1) return probabilities;
  const auto [sorted, order] = probabilities.sort(-1, /*descending=*/true);
  at::Tensor kept = sorted.cumsum(-1).le(top_p);
  kept.select(-1, 0).fill_(true);
  const at::Tensor nucleus = sorted * kept;
  return at::zeros_like(probabilities).scatter(-1, order, nucleus / nucleus.sum(-1, true));
}

}  // namespace unmask
