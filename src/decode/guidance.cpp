#include "decode/guidance.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace unmask {
namespace {

/// The rows of all requests, one behind the other: [rows, head rows].
at::Tensor joined(std::span<const at::Tensor> logits) {
  return logits.size() == 1 ? logits[0] : at::cat(at::TensorList(logits.data(), logits.size()));
}

}  // namespace

Guidance::Guidance(const DecodeOptions& options, const Canvas& canvas, const Model& model,
                   bool cached)
    : scale_(options.guidance), mask_id_(canvas.mask_id()) {
  const std::vector<int>& kept = options.guidance_keep;
  for (int i = 0; i < canvas.size(); ++i) {
    const bool keeps = std::find(kept.begin(), kept.end(), canvas.ids()[i]) != kept.end();
    hidden_.push_back(!canvas.is_editable(i) && !keeps);
  }
  if (scale_ > 0 && cached) cache_ = model.make_cache(canvas.size());
}

std::vector<Request> Guidance::doubled(std::vector<Request> requests) {
  if (scale_ == 0) return requests;
  ids_.clear();
  for (const Request& request : requests) ids_.push_back(without_given(request.ids));
  for (const std::vector<int>& ids : ids_) {
    requests.push_back(requests[&ids - ids_.data()]);
    requests.back().ids = ids;
    requests.back().cache = cache_.get();
  }
  return requests;
}

at::Tensor Guidance::combined(std::span<const at::Tensor> logits) const {
  if (scale_ == 0) return joined(logits);
  const at::Tensor guided = joined(logits.first(logits.size() / 2));
  const at::Tensor unguided = joined(logits.subspan(logits.size() / 2));
  return unguided + (scale_ + 1) * (guided - unguided);
}

std::vector<int> Guidance::without_given(std::span<const int> ids) const {
  std::vector<int> masked(ids.begin(), ids.end());
  for (std::size_t i = 0; i < std::min(ids.size(), hidden_.size()); ++i) {
    if (hidden_[i]) masked[i] = mask_id_;
  }
  return masked;
}

}  // namespace unmask
