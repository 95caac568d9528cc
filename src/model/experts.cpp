#include "model/experts.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

#include "model/place.h"

namespace unmask {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// What is chosen by outside the best groups at -inf. A group counts as much as its two best.
at::Tensor within_best_groups(const ExpertsSpec& spec, const at::Tensor& values) {
  const at::Tensor grouped = values.unflatten(-1, {spec.groups, -1});  // [tokens, groups, .]
  const std::int64_t best = std::min<std::int64_t>(2, grouped.size(-1));
  const at::Tensor strength = std::get<0>(grouped.topk(best, -1)).sum(-1);  // [tokens, groups]
  const at::Tensor kept = std::get<1>(strength.topk(spec.top_groups, -1, true, false));
  const at::Tensor closed = at::ones_like(strength, at::kBool).scatter(-1, kept, false);
  return grouped.masked_fill(closed.unsqueeze(-1), -kInfinity).flatten(-2);
}

std::optional<at::Tensor> expert_bias(const TensorSource& source, const ModelSpec& spec,
                                      const std::string& prefix) {
  if (!spec.experts.bias) return std::nullopt;
  return source.wide().get(prefix + spec.names.in_layer.expert_bias);
}

}  // namespace

Routing route(const ExpertsSpec& spec, const at::Tensor& scores,
              const std::optional<at::Tensor>& bias) {
  const bool softmax = spec.router == Router::softmax;
  const at::Tensor shares = softmax ? scores.softmax(-1) : scores.sigmoid();
  const at::Tensor biased = bias ? shares + *bias : shares;
  const at::Tensor values = softmax ? biased : within_best_groups(spec, biased);
  const at::Tensor chosen = std::get<1>(values.topk(spec.per_token, -1));
  at::Tensor weights = (spec.biased_mix ? biased : shares).gather(-1, chosen);
  if (spec.renormalize) weights = weights / (weights.sum(-1, true) + (softmax ? 0.0 : 1e-20));
  return {chosen, weights * spec.scale};
}

Expert::Expert(const TensorSource& source, const std::string& prefix, const LayerNames& names)
    : gate_(source.lazy_matrix(prefix + names.expert_gate + ".weight")),
      up_(source.lazy_matrix(prefix + names.expert_up + ".weight")),
      down_(source.lazy_matrix(prefix + names.expert_down + ".weight")) {}

at::Tensor Expert::operator()(const at::Tensor& x) const {
  const at::Tensor inner = at::silu(gate_->times(x)) * up_->times(x);
  return down_->times(inner);
}

Experts::Experts(const TensorSource& source, const ModelSpec& spec, int layer)
    : spec_(spec.experts) {
  const LayerNames& names = spec.names.in_layer;
  const std::string prefix = numbered(spec.names.layer, layer);
  router_ = source.wide().matrix(prefix + names.router + ".weight");
  bias_ = expert_bias(source, spec, prefix);
  for (int i = 0; i < spec_.count; ++i) {
    experts_.emplace_back(source, prefix + numbered(names.expert, i), names);
  }
  if (spec_.shared_intermediate > 0) {
    const std::string shared = prefix + names.shared;
    shared_.emplace(source, shared + names.expert_gate, shared + names.expert_up,
                    shared + names.expert_down);
  }
}

at::Tensor Experts::operator()(const at::Tensor& x) const {
  const Routing routing = route(spec_, router_->times(widened(x)), bias_);
  // Every (token, expert) pair, sorted by expert.
  const auto [experts, order] = routing.experts.flatten().sort(/*stable=*/std::optional(true), 0);
  const at::Tensor tokens = at::div(order, spec_.per_token, "floor");
  const at::Tensor weights = routing.weights.flatten().index_select(0, order).unsqueeze(-1);
  const at::Tensor counts = on_host(experts.bincount({}, spec_.count));
  const auto* count = counts.data_ptr<std::int64_t>();

  at::Tensor sum = at::zeros(x.sizes(), wide_beside(x));
  std::int64_t begin = 0;
  for (int i = 0; i < spec_.count; begin += count[i], ++i) {
    if (count[i] == 0) continue;
    const at::Tensor rows = tokens.slice(0, begin, begin + count[i]);
    const at::Tensor output = widened(experts_[i](x.index_select(0, rows)));
    sum.index_add_(0, rows, output * weights.slice(0, begin, begin + count[i]));
  }
  const at::Tensor mixed = sum.to(x.scalar_type());
  return shared_ ? mixed + (*shared_)(x) : mixed;
}

}  // namespace unmask
