#include "model/model.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/log.h"
#include "model/transformer.h"

namespace unmask {
namespace {

at::ScalarType compute_type(ComputeType dtype) {
  return dtype == ComputeType::bf16 ? at::kBFloat16 : at::kFloat;
}

std::unique_ptr<Transformer> load_network(const std::filesystem::path& folder,
                                          const ModelSpec& spec, ComputeType dtype) {
  auto weights = std::make_shared<const Weights>(folder);
  for (const std::string& extra : check_tensors(*weights, needed_tensors(spec))) {
    log::info("tensor '" + extra + "' is not used");
  }
  return std::make_unique<Transformer>(spec, TensorSource(weights, compute_type(dtype)));
}

/// Key j is visible to query i when it is no padding and, under a block-causal attention, lies in
/// i's block or an earlier one. A mask that hides nothing is left out: attention is faster so.
std::optional<at::Tensor> visibility(std::span<const Request> requests,
                                     const at::Tensor& positions) {
  const int block = requests.front().attention.block;
  for (const Request& request : requests) {
    TORCH_CHECK(request.attention.block == block, "one attention kind per batch");
  }
  const at::Tensor real = positions.ge(0);           // [batch, tokens]
  at::Tensor mask = real.unsqueeze(1).unsqueeze(1);  // [batch, 1, 1, tokens]
  if (block > 0) {
    const at::Tensor blocks = at::div(positions, block, "floor");
    mask = mask & blocks.unsqueeze(1).le(blocks.unsqueeze(2)).unsqueeze(1);  // [.., key <= query]
    // A padded query would see nothing, and a softmax over nothing is NaN.
    mask = mask | real.logical_not().unsqueeze(1).unsqueeze(3);
  }
  if (mask.all().item<bool>()) return std::nullopt;
  return mask;
}

Batch make_batch(std::span<const Request> requests) {
  std::size_t tokens = 0;
  for (const Request& request : requests) tokens = std::max(tokens, request.ids.size());
  const auto shape = {static_cast<std::int64_t>(requests.size()),
                      static_cast<std::int64_t>(tokens)};
  const at::Tensor ids = at::zeros(shape, at::kLong);
  const at::Tensor positions = at::full(shape, -1, at::kLong);
  for (std::size_t row = 0; row < requests.size(); ++row) {
    const Request& request = requests[row];
    auto* id = ids.data_ptr<std::int64_t>() + row * tokens;
    auto* position = positions.data_ptr<std::int64_t>() + row * tokens;
    for (std::size_t i = 0; i < request.ids.size(); ++i) {
      id[i] = request.ids[i];
      position[i] = request.positions.empty() ? static_cast<std::int64_t>(i) : request.positions[i];
    }
  }
  return {ids, positions.clamp_min(0), visibility(requests, positions)};
}

}  // namespace

Model::Model(const std::filesystem::path& folder, ModelFacts facts, ComputeType dtype)
    : facts_(std::move(facts)), network_(load_network(folder, facts_.spec, dtype)) {}

Model::~Model() = default;

std::vector<at::Tensor> Model::predict(std::span<const Request> requests) const {
  const at::Tensor hidden = network_->hidden(make_batch(requests));  // [batch, tokens, hidden]
  const std::int64_t tokens = hidden.size(1);

  // The head runs over the wanted rows of all sequences at once, and over no others.
  std::vector<std::int64_t> wanted, counts;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    counts.push_back(static_cast<std::int64_t>(requests[i].rows.size()));
    for (const int row : requests[i].rows) {
      const int source = facts_.logit_shift ? std::max(row - 1, 0) : row;
      wanted.push_back(static_cast<std::int64_t>(i) * tokens + source);
    }
  }
  const at::Tensor rows = hidden.flatten(0, 1).index_select(0, at::tensor(wanted, at::kLong));
  return network_->logits(network_->normalize(rows)).split_with_sizes(counts);
}

at::Tensor Model::raw_logits(const Request& request, std::vector<at::Tensor>* hidden) const {
  check_ids(request.ids, facts_.spec);
  const at::Tensor last = network_->hidden(make_batch({&request, 1}), hidden).squeeze(0);
  const at::Tensor normalized = network_->normalize(last);  // [tokens, hidden]
  if (hidden != nullptr) {
    for (at::Tensor& layer : *hidden) layer = layer.squeeze(0);
    hidden->push_back(normalized);
  }
  return network_->logits(normalized);
}

}  // namespace unmask
