#include "model/model.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/log.h"
#include "model/batch.h"
#include "model/diffusion_transformer.h"
#include "model/exported.h"
#include "model/transformer.h"

namespace unmask {
namespace {

Place place_for(ComputeType dtype) {
  return {.type = dtype == ComputeType::bf16 ? at::kBFloat16 : kWideType};
}

std::unique_ptr<Network> load_network(std::shared_ptr<const Checkpoint> checkpoint,
                                      const ModelSpec& spec, const Place& place) {
  if (spec.network == NetworkKind::exported) {
    return std::make_unique<ExportedNetwork>(spec, exported_module(*checkpoint, spec));
  }
  for (const std::string& extra : check_tensors(checkpoint->tensors(), needed_tensors(spec))) {
    log::info("tensor '" + extra + "' is not used");
  }
  const TensorSource source(std::move(checkpoint), place);
  if (spec.network == NetworkKind::diffusion_transformer) {
    return std::make_unique<DiffusionTransformer>(spec, source);
  }
  return std::make_unique<Transformer>(spec, source);
}

}  // namespace

Model::Model(std::shared_ptr<const Checkpoint> checkpoint, ModelFacts facts, ComputeType dtype)
    : facts_(std::move(facts)),
      place_(place_for(dtype)),
      network_(load_network(std::move(checkpoint), facts_.spec, place_)) {}

Model::Model(ModelFacts facts, std::unique_ptr<Network> network)
    : facts_(std::move(facts)), network_(std::move(network)) {}

Model::~Model() = default;
Model::Model(Model&&) noexcept = default;

std::vector<at::Tensor> Model::predict(std::span<const Request> requests) const {
  const Batch batch = make_batch(requests, place_);
  // The head runs over the wanted rows of all sequences at once, and over no others.
  std::vector<std::int64_t> wanted, counts;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::vector<int> computed = computed_indices(requests[i]);
    counts.push_back(static_cast<std::int64_t>(requests[i].rows.size()));
    for (const int row : requests[i].rows) {
      const int source = facts_.logit_shift ? std::max(row - 1, 0) : row;
      const auto found = std::lower_bound(computed.begin(), computed.end(), source);
      if (found == computed.end() || *found != source) {
        throw std::logic_error("the output for row " + std::to_string(row) + " is that of index " +
                               std::to_string(source) + ", which is not computed");
      }
      wanted.push_back(batch.sequences[i].begin + (found - computed.begin()));
    }
  }
  const at::Tensor hidden = network_->hidden(batch, nullptr);  // [tokens, hidden]
  const at::Tensor rows = hidden.index_select(0, at::tensor(wanted, place_.indices()));
  return network_->logits(rows).split_with_sizes(counts);
}

at::Tensor Model::raw_logits(const Request& request, std::vector<at::Tensor>* hidden) const {
  check_ids(request.ids, facts_.spec);
  return network_->logits(network_->hidden(make_batch({&request, 1}, place_), hidden));
}

std::unique_ptr<KeyValueCache> Model::make_cache(int capacity) const {
  return std::make_unique<KeyValueCache>(facts_.spec, capacity, place_);
}

}  // namespace unmask
