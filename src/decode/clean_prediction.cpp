#include "decode/clean_prediction.h"

#include <ATen/ATen.h>

#include <numeric>

#include "decode/reverse_process.h"

namespace unmask {
namespace {

at::Tensor distribution(const at::Tensor& logits, DecodeOptions options) {
  const double top_p = options.top_p;
  options.top_p = 1;
  return mdlm_nucleus(filtered_probabilities(logits, options), top_p).contiguous();
}

}  // namespace

CleanPrediction::CleanPrediction(const at::Tensor& logits, std::span<const int> positions,
                                 const DecodeOptions& options, const Vocabulary& vocabulary,
                                 int step)
    : positions_(positions.begin(), positions.end()),
      ids_(logits.size(-1)),
      probabilities_(
          distribution(writable_logits(logits, positions, options, vocabulary, step), options)),
      mask_id_(vocabulary.mask_id),
      greedy_(options.temperature == 0) {
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

}  // namespace unmask
