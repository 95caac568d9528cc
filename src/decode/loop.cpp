#include "decode/loop.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/interrupt.h"
#include "base/log.h"
#include "decode/sequence.h"
#include "model/torch_errors.h"
#include "rules/cards.h"

namespace unmask {
namespace {

/// A request that has entered, and what it asks the network next.
struct UnderWay {
  std::size_t number;
  std::int64_t tokens;
  std::unique_ptr<Sequence> sequence;  // none when it has ended
  std::vector<Request> requests = {};
};

class Loop {
 public:
  Loop(const Model& model, RequestQueue& queue, BatchLimits limits, Events* events,
       const MakeNoise& noise)
      : model_(model), queue_(queue), limits_(limits), events_(events), noise_(noise) {}

  void run() {
    for (;;) {
      throw_if_interrupted();
      while (take_next()) enter();
      if (under_way_.empty()) return;
      pass(under_way_);
      std::erase_if(under_way_, [](const UnderWay& each) { return !each.sequence; });
    }
  }

 private:
  /// Takes the next request from the queue where there is room for one. Whether there is one that
  /// may come in.
  bool take_next() {
    if (!under_way_.empty() && std::ssize(under_way_) >= limits_.requests) return false;
    if (!next_) next_ = queue_.next();
    if (!next_ || limits_.tokens == 0 || under_way_.empty()) return next_.has_value();
    std::int64_t tokens = tokens_of_pass(*next_);
    for (const UnderWay& each : under_way_) tokens += each.tokens;
    return tokens <= limits_.tokens;
  }

  void enter() {
    const GenerationRequest request = *std::exchange(next_, std::nullopt);
    UnderWay entry{.number = taken_++, .tokens = tokens_of_pass(request), .sequence = {}};
    step(entry, [&] {
      entry.sequence = std::make_unique<Sequence>(entry.number, request, model_, noise_(request));
    });
    if (entry.sequence) under_way_.push_back(std::move(entry));
  }

  /// One pass of the network, and the step of each sequence.
  void pass(std::span<UnderWay> entries) {
    std::vector<Request> batch;
    for (const UnderWay& entry : entries) {
      batch.insert(batch.end(), entry.requests.begin(), entry.requests.end());
    }
    std::vector<at::Tensor> logits;
    const auto failure = failure_of([&] { logits = model_.predict(batch); });
    if (failure && entries.size() == 1) return fail(entries.front(), *failure);
    if (failure) {
      log::info("a pass of " + std::to_string(entries.size()) +
                " requests is made in halves: " + failure->what());
      pass(entries.first(entries.size() / 2));
      return pass(entries.subspan(entries.size() / 2));
    }
    std::span<const at::Tensor> rest(logits);
    for (UnderWay& entry : entries) {
      const auto its = rest.first(entry.requests.size());
      rest = rest.subspan(its.size());
      step(entry, [&] { entry.sequence->advance(its, events_); });
    }
  }

  /// Does something with one sequence and sees what it wants next. Reports its end.
  template <typename Work>
  void step(UnderWay& entry, Work&& work) {
    const auto failure = failure_of([&] {
      work();
      entry.requests = entry.sequence->next_requests(events_);
    });
    if (failure) return fail(entry, *failure);
    if (!entry.requests.empty()) return;
    Generation result = entry.sequence->result();
    entry.sequence.reset();
    queue_.finished(entry.number, std::move(result));
  }

  void fail(UnderWay& entry, const Error& error) {
    entry.sequence.reset();
    queue_.failed(entry.number, error);
  }

  const Model& model_;
  RequestQueue& queue_;
  const BatchLimits limits_;
  Events* const events_;
  const MakeNoise& noise_;
  std::vector<UnderWay> under_way_;
  std::optional<GenerationRequest> next_;  // taken from the queue, with no place yet
  std::size_t taken_ = 0;
};

}  // namespace

std::unique_ptr<Noise> seeded_noise(const GenerationRequest& request) {
  return std::make_unique<SeededNoise>(request.seed);
}

std::int64_t tokens_of_pass(const GenerationRequest& request) {
  const DecodeOptions& options = request.options;
  const int prompt = length_of(request.canvas);
  const std::int64_t canvas = canvas_size(options, prompt);
  const std::int64_t block = options.block > 0 ? options.block : canvas - prompt;
  const auto& [commit, commit_values] = options.commit;
  const auto& [revise, revise_values] = options.revise;
  std::int64_t tokens = canvas;
  if (commit->pass_tokens) tokens = commit->pass_tokens(commit_values, canvas, block);
  if (revise->pass_tokens) tokens += revise->pass_tokens(revise_values, canvas, block);
  return options.guidance > 0 ? 2 * tokens : tokens;
}

void decode(const Model& model, RequestQueue& queue, BatchLimits limits, Events* events,
            const MakeNoise& noise) {
  Loop(model, queue, limits, events, noise).run();
}

}  // namespace unmask
