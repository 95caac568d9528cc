// The engine's library: a model and the decoder behind include/unmask/engine.h.
#include "unmask/engine.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <utility>

#include "checkpoint/checkpoint.h"
#include "decode/loop.h"
#include "decode/request_list.h"
#include "engine/exports.h"
#include "family/family.h"
#include "model/model.h"
#include "model/torch_errors.h"
#include "unmask/error.h"
#include "unmask/version.h"

namespace unmask {
namespace {

RawLogits::Tensor copy_out(std::string name, const at::Tensor& tensor) {
  const at::Tensor values = tensor.to(at::kFloat).contiguous();
  return {std::move(name),
          values.sizes().vec(),
          {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()}};
}

RawLogits copy_out(const at::Tensor& logits, const std::vector<at::Tensor>& hidden) {
  RawLogits raw;
  raw.tensors.push_back(copy_out("logits", logits));
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    std::string name = i == 0                   ? "embed"
                       : i + 1 == hidden.size() ? "final_norm"
                                                : "layer" + std::to_string(i - 1);
    raw.tensors.push_back(copy_out("hidden." + std::move(name), hidden[i]));
  }
  return raw;
}

ModelFacts facts_of(const EngineOptions& options) {
  ModelFacts facts = read_facts(*options.checkpoint, options.family);
  if (facts.spec.network == NetworkKind::exported && !options.allow_code) {
    throw Error(ErrorCode::checkpoint,
                options.checkpoint->where() + ": the network is a program, '" + facts.spec.module +
                    "', which would run with your rights",
                "--allow-code runs it, if you trust where it comes from");
  }
  facts.logit_shift = options.logit_shift.value_or(facts.logit_shift);
  return facts;
}

class TorchEngine : public Engine {
 public:
  explicit TorchEngine(const EngineOptions& options)
      : model_(options.checkpoint, facts_of(options), options.dtype) {}

  void run(RequestQueue& queue, BatchLimits limits, Events* events) override {
    decode(model_, queue, limits, events);
  }

  std::vector<Generation> generate(std::span<const GenerationRequest> requests,
                                   Events* events) override {
    RequestList list(requests);
    decode(model_, list, {.requests = std::max(1, static_cast<int>(requests.size()))}, events);
    return list.results();
  }

  std::vector<RawLogits> logits(std::span<const std::vector<int>> sequences, Attention attention,
                                bool hidden) override {
    return run_torch([&] {
      std::vector<RawLogits> results;
      for (const std::vector<int>& ids : sequences) {
        std::vector<at::Tensor> layers;
        const at::Tensor logits =
            model_.raw_logits({.ids = ids, .positions = {}, .rows = {}, .attention = attention},
                              hidden ? &layers : nullptr);
        results.push_back(copy_out(logits, layers));
      }
      return results;
    });
  }

 private:
  Model model_;
};

}  // namespace
}  // namespace unmask

extern "C" {

const char* unmask_engine_version() { return unmask::kVersion; }

unmask::Engine* unmask_engine_create(const unmask::EngineOptions& options) {
  return unmask::run_torch([&]() -> unmask::Engine* {
    unmask::route_torch_warnings();
    if (options.threads > 0) at::set_num_threads(options.threads);
    return new unmask::TorchEngine(options);
  });
}

}  // extern "C"
