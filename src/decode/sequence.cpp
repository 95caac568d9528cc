#include "decode/sequence.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "unmask/error.h"

namespace unmask {
namespace {

Canvas make_canvas(const GenerationRequest& request, const ModelFacts& facts) {
  const int mask_id = request.mask_id.value_or(facts.mask_id);
  check_ids(request.ids, facts.spec);
  check_ids({&mask_id, 1}, facts.spec);
  Canvas canvas(request.ids, request.open, request.options.length, mask_id);
  if (canvas.size() == 0) {
    throw Error(ErrorCode::usage,
                "there is nothing to decode: no prompt and no tokens to generate");
  }
  return canvas;
}

Vocabulary make_vocabulary(const GenerationRequest& request, const ModelFacts& facts,
                           const Canvas& canvas) {
  const int size = request.vocab > 0 ? std::min(request.vocab, facts.vocab) : facts.vocab;
  return {size, canvas.mask_id(), request.options.end_ids};
}

}  // namespace

Sequence::Sequence(std::size_t index, const GenerationRequest& request, const ModelFacts& facts,
                   std::unique_ptr<Noise> noise)
    : index_(index),
      options_(request.options),
      attention_{facts.attention_block},
      canvas_(make_canvas(request, facts)),
      noise_(std::move(noise)),
      rule_(make_rule(options_, make_vocabulary(request, facts, canvas_), canvas_)) {
  for (int i = 0; i < canvas_.size(); ++i) given_.push_back(!canvas_.is_open(i));
}

std::vector<Request> Sequence::requests() {
  if (stopped_) return {};
  std::optional<Wants> wants = rule_->wants(canvas_);
  if (!wants) {
    stopped_ = true;
    return {};
  }
  wants_ = std::move(*wants);
  std::vector<Request> requests{
      {.ids = canvas_.ids(), .positions = {}, .rows = wants_.rows, .attention = attention_}};
  if (options_.guidance > 0) {
    unguided_ids_.assign(canvas_.ids().begin(), canvas_.ids().end());
    for (std::size_t i = 0; i < given_.size(); ++i) {
      if (given_[i]) unguided_ids_[i] = canvas_.mask_id();
    }
    requests.push_back(requests.front());
    requests.back().ids = unguided_ids_;
  }
  return requests;
}

void Sequence::advance(std::span<const at::Tensor> logits, Events* events) {
  ++forwards_;
  const at::Tensor guided = logits.size() == 1
                                ? logits[0]
                                : logits[1] + (options_.guidance + 1) * (logits[0] - logits[1]);
  const Edit edit = rule_->step(canvas_, guided, *noise_);
  canvas_.apply(edit);
  if (options_.early_stop && ended()) stopped_ = true;
  if (events == nullptr) return;

  std::vector<int> committed;
  std::vector<float> confidence;
  for (const Write& write : edit.writes) {
    committed.push_back(write.position);
    confidence.push_back(write.confidence);
  }
  events->on_step({.request = index_,
                   .step = wants_.step,
                   .steps = rule_->steps(),
                   .block = wants_.block,
                   .open = canvas_.count_open(0, canvas_.size()),
                   .canvas = canvas_.ids(),
                   .committed = committed,
                   .revised = edit.reopen,
                   .confidence = confidence});
}

bool Sequence::ended() const {
  for (int i = canvas_.prompt_size(); i < canvas_.size() && !canvas_.is_open(i); ++i) {
    const auto& ends = options_.end_ids;
    if (std::find(ends.begin(), ends.end(), canvas_.ids()[i]) != ends.end()) {
      return canvas_.count_open(0, canvas_.prompt_size()) == 0;
    }
  }
  return false;
}

Generation Sequence::result() const {
  return {.canvas = {canvas_.ids().begin(), canvas_.ids().end()},
          .finish = ended() ? Finish::end : Finish::length,
          .steps = rule_->steps(),
          .forwards = forwards_};
}

}  // namespace unmask
