#include "decode/torch_distributions.h"

#include <ATen/ATen.h>

#include <string>
#include <utility>

#include "decode/clean_prediction.h"
#include "decode/prediction.h"
#include "unmask/error.h"

namespace unmask {
namespace {

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

at::Tensor log_probabilities(const at::Tensor& logits, Needs needs) {
  return needs.divergence ? logits.to(at::kDouble).log_softmax(-1) : at::Tensor();
}

/// The i-th of them is member(items[i]). int64 [items].
template <typename Item>
at::Tensor long_tensor(std::span<const Item> items, int Item::*member) {
  std::vector<std::int64_t> values;
  for (const Item& item : items) values.push_back(item.*member);
  return at::tensor(values, at::kLong);
}

}  // namespace

TorchDistributions::TorchDistributions(const at::Tensor& logits, std::vector<int> positions,
                                       const TokenMask& mask, Needs needs, int step)
    : TorchDistributions(logits, log_probabilities(logits, needs), std::move(positions), mask,
                         needs) {
  check_finite(logits_, this->positions(), step);
}

TorchDistributions::TorchDistributions(at::Tensor logits, at::Tensor log_probabilities,
                                       std::vector<int> positions, const TokenMask& mask,
                                       Needs needs)
    : Distributions(std::move(positions)),
      logits_(std::move(logits)),
      log_probabilities_(std::move(log_probabilities)),
      mask_(mask),
      needs_(needs) {}

Prediction TorchDistributions::predict(const Sampling& sampling, int step, Noise& noise) const {
  return predict_tokens(logits_, positions(), sampling, mask_, needs_, step, noise);
}

std::vector<RowToken> TorchDistributions::best() const {
  const at::Tensor ids = logits_.argmax(-1);
  std::vector<RowToken> best;
  for (int row = 0; row < std::ssize(positions()); ++row) {
    best.push_back({row, ids[row].item<int>()});
  }
  return best;
}

std::vector<float> TorchDistributions::probability(std::span<const RowToken> tokens) const {
  const at::Tensor rows = logits_.index_select(0, long_tensor(tokens, &RowToken::row)).softmax(-1);
  const at::Tensor ids = long_tensor(tokens, &RowToken::token).unsqueeze(-1);
  const at::Tensor values = rows.gather(-1, ids).contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

std::vector<double> TorchDistributions::divergence(const Distributions& before,
                                                   std::span<const RowPair> pairs) const {
  const auto& theirs = dynamic_cast<const TorchDistributions&>(before).log_probabilities_;
  const at::Tensor now = log_probabilities_.index_select(0, long_tensor(pairs, &RowPair::row));
  const at::Tensor then = theirs.index_select(0, long_tensor(pairs, &RowPair::before));
  const at::Tensor terms = now.exp() * (now - then);
  const at::Tensor sums = terms.masked_fill(now.exp().eq(0), 0).sum(-1).contiguous();
  return {sums.data_ptr<double>(), sums.data_ptr<double>() + sums.numel()};
}

std::shared_ptr<const Distributions> TorchDistributions::with(
    std::span<const Bonus> bonuses) const {
  at::Tensor logits = logits_.clone(at::MemoryFormat::Contiguous);
  auto values = logits.accessor<float, 2>();
  for (const Bonus& bonus : bonuses) values[bonus.row][bonus.token] += bonus.logit;
  const at::Tensor changed = log_probabilities(logits, needs_);
  return std::shared_ptr<const Distributions>(
      new TorchDistributions(logits, changed, positions(), mask_, needs_));
}

std::shared_ptr<const Distributions> TorchDistributions::select(std::span<const int> rows) const {
  std::vector<int> positions;
  for (const int row : rows) positions.push_back(this->positions()[row]);
  // Rows that follow each other are a view.
  const auto count = static_cast<std::int64_t>(rows.size());
  const bool is_view = count > 0 && rows.back() - rows.front() + 1 == count;
  const auto chosen = [&](const at::Tensor& all) {
    if (!all.defined()) return all;
    if (is_view) return all.narrow(0, rows.front(), count);
    return all.index_select(0, at::tensor(std::vector<std::int64_t>(rows.begin(), rows.end())));
  };
  return std::shared_ptr<const Distributions>(new TorchDistributions(
      chosen(logits_), chosen(log_probabilities_), std::move(positions), mask_, needs_));
}

std::shared_ptr<const CleanText> TorchDistributions::clean(const Sampling& sampling) const {
  return std::make_shared<CleanPrediction>(logits_, positions(), sampling, mask_);
}

double TorchDistributions::mean_lead() const {
  const at::Tensor best = std::get<0>(mask_.writable(mask_.distribution(logits_)).topk(2, -1));
  return (best.select(-1, 0) - best.select(-1, 1)).mean().item<double>();
}

}  // namespace unmask
