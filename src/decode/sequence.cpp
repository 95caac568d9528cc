#include "decode/sequence.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "decode/converged.h"
#include "rules/block_grid.h"
#include "unmask/error.h"

namespace unmask {
namespace {

bool contains(const std::vector<int>& ids, int id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

Canvas make_canvas(const GenerationRequest& request, const ModelFacts& facts) {
  const int mask_id = request.mask_id.value_or(facts.mask_id);
  check_ids(ids_of(request.canvas, mask_id), facts.spec);
  check_ids({&mask_id, 1}, facts.spec);
  const int prompt = length_of(request.canvas);
  const int size = canvas_size(request.options, prompt);
  if (size == 0) {
    throw Error(ErrorCode::usage,
                "there is nothing to decode: no prompt and no tokens to generate");
  }
  return {request.canvas, size - prompt, mask_id};
}

DecodeOptions make_options(const GenerationRequest& request, const ModelFacts& facts) {
  DecodeOptions options = request.options;
  check_options(options);
  options.noise_conditioned |= facts.spec.diffusion.time_conditioning;
  return options;
}

Vocabulary make_vocabulary(const GenerationRequest& request, const ModelFacts& facts,
                           const Canvas& canvas) {
  const int size = request.vocab > 0 ? std::min(request.vocab, facts.vocab) : facts.vocab;
  return {size, canvas.mask_id()};
}

}  // namespace

Sequence::Sequence(std::size_t index, const GenerationRequest& request, const Model& model,
                   std::unique_ptr<Noise> noise)
    : index_(index),
      options_(make_options(request, model.facts())),
      limits_(request),
      logit_shift_(model.facts().logit_shift),
      canvas_(make_canvas(request, model.facts())),
      holes_(holes_of(request.canvas)),
      token_mask_(options_, make_vocabulary(request, model.facts(), canvas_)),
      noise_(std::move(noise)),
      rule_(make_rule(options_, canvas_)),
      cache_policy_(make_cache_policy(options_)),
      guidance_(options_, canvas_, model, cache_policy_ != nullptr) {
  attention_ = block_attention(options_, canvas_.prompt_size());
  attention_.window = model.facts().window;
  if (cache_policy_ != nullptr) cache_ = model.make_cache(canvas_.size());
}

std::vector<Request> Sequence::next_requests(Events* events) {
  for (wants_ = {}; !needs_pass();) {
    if (stopped_) return {};
    std::optional<Wants> wants = rule_->next(canvas_);
    if (!wants) {
      last_pass_.clear();
      finish();
      return {};
    }
    wants_ = std::move(*wants);
    const bool is_last_anyway = wants_.step + 1 >= rule_->bound();
    last_pass_.plan(is_last_anyway ? std::nullopt : limits_.reached(), wants_, canvas_);
    if (!needs_pass()) carry_out(TorchDistributions(token_mask_), events);
  }
  asked_ = wants_.rows;
  if (options_.converged && !last_pass_.reason()) {
    asked_ = canvas_.open_positions(0, canvas_.size());
  }
  limits_.begin_pass();
  return guidance_.doubled(make_requests());
}

void Sequence::advance(std::span<const at::Tensor> logits, Events* events) {
  limits_.end_pass();
  steps_taken_ = wants_.step + 1;
  const TorchDistributions said(guidance_.combined(logits), asked_positions(), token_mask_,
                                wants_.needs, wants_.step);
  if (last_pass_.reason()) {
    apply(last_pass_.edit(*rule_, canvas_, said, options_, wants_.step, *noise_), events);
    finish();
  } else if (has_converged(said)) {
    apply(last_pass_.end_now(Finish::converged, canvas_, said, options_, wants_.step, *noise_),
          events);
    finish();
  } else if (options_.converged) {
    carry_out(*said.select(wanted_rows()), events);
  } else {
    carry_out(said, events);
  }
}

bool Sequence::has_converged(const TorchDistributions& said) const {
  if (!options_.converged) return false;
  const auto all = canvas_.editable_positions(0, canvas_.size()).size();
  const double open = static_cast<double>(asked_.size()) / static_cast<double>(all);
  return unmask::has_converged(said.mean_lead(), 1 - open, options_);
}

std::vector<int> Sequence::wanted_rows() const {
  std::vector<int> rows;
  for (const int row : wants_.rows) {
    const auto found = std::lower_bound(asked_.begin(), asked_.end(), row);
    rows.push_back(static_cast<int>(found - asked_.begin()));
  }
  return rows;
}

void Sequence::carry_out(const Distributions& said, Events* events) {
  steps_taken_ = wants_.step + 1;
  apply(rule_->step(canvas_, said, *noise_), events);
  if (options_.early_stop && (ended() || is_complete())) finish();
}

void Sequence::apply(const Edit& edit, Events* events) {
  std::vector<bool> was_open;
  for (const Write& write : edit.writes) was_open.push_back(canvas_.is_open(write.position));
  canvas_.apply(edit);
  const bool changed = !edit.writes.empty() || !edit.reopen.empty();
  if (changed && events != nullptr) report(edit, was_open, *events);
}

void Sequence::report(const Edit& edit, const std::vector<bool>& was_open, Events& events) const {
  std::vector<int> committed, revised = edit.reopen;
  std::vector<float> confidence;
  for (std::size_t i = 0; i < edit.writes.size(); ++i) {
    const Write& write = edit.writes[i];
    if (was_open[i]) {
      committed.push_back(write.position);
      confidence.push_back(write.confidence);
    } else {
      revised.push_back(write.position);
    }
  }
  std::sort(revised.begin(), revised.end());
  events.on_step({.request = index_,
                  .step = wants_.step,
                  .steps = rule_->bound(),
                  .block = wants_.block,
                  .open = canvas_.count_open(0, canvas_.size()),
                  .final_before = final_before(),
                  .canvas = canvas_.ids(),
                  .committed = committed,
                  .revised = revised,
                  .confidence = confidence});
}

int Sequence::final_before() const {
  const int end = last_pass_.reason() ? canvas_.size() : rule_->final_before(canvas_);
  int position = 0;
  while (position < end && !canvas_.is_open(position)) ++position;
  return position;
}

bool Sequence::ended() const {
  const int prompt = canvas_.prompt_size();
  const int end = std::min(prompt + options_.length, final_before());
  for (int i = prompt; i < end; ++i) {
    if (contains(options_.end_ids, canvas_.ids()[i])) return true;
  }
  return false;
}

bool Sequence::is_complete() const {
  const int end = canvas_.prompt_size() + options_.length;
  return rule_->final_before(canvas_) >= end && canvas_.count_open(0, end) == 0;
}

void Sequence::finish() {
  stopped_ = true;
  cache_.reset();
  guidance_.finish();
}

Generation Sequence::result() const {
  const Finish finish = last_pass_.reason().value_or(ended() ? Finish::end : Finish::length);
  return {.canvas = {canvas_.ids().begin(), canvas_.ids().end()},
          .holes = holes_,
          .finish = finish,
          .steps = steps_taken_,
          .forwards = limits_.forwards()};
}

}  // namespace unmask
