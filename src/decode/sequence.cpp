#include "decode/sequence.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "decode/block_grid.h"
#include "decode/converged.h"
#include "unmask/error.h"

namespace unmask {
namespace {

bool contains(const std::vector<int>& ids, int id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// The rows of all requests, one behind the other: [rows, head rows].
at::Tensor joined(std::span<const at::Tensor> logits) {
  return logits.size() == 1 ? logits[0] : at::cat(at::TensorList(logits.data(), logits.size()));
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
  options.noise_conditioned |= facts.spec.diffusion.time_conditioning;
  return options;
}

Vocabulary make_vocabulary(const GenerationRequest& request, const ModelFacts& facts,
                           const Canvas& canvas) {
  const int size = request.vocab > 0 ? std::min(request.vocab, facts.vocab) : facts.vocab;
  return {size, canvas.mask_id(), request.options.end_ids};
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
      vocabulary_(make_vocabulary(request, model.facts(), canvas_)),
      noise_(std::move(noise)),
      rule_(make_rule(options_, vocabulary_, canvas_)),
      cache_policy_(make_cache_policy(options_)) {
  attention_ = block_attention(options_, canvas_.prompt_size());
  attention_.window = model.facts().window;
  for (int i = 0; i < canvas_.size(); ++i) {
    hidden_.push_back(!canvas_.is_editable(i) &&
                      !contains(options_.guidance_keep, canvas_.ids()[i]));
  }
  if (cache_policy_ == nullptr) return;
  cache_ = model.make_cache(canvas_.size());
  if (options_.guidance > 0) unguided_cache_ = model.make_cache(canvas_.size());
}

std::vector<Request> Sequence::requests(Events* events) {
  for (wants_ = {}; !needs_pass();) {
    if (stopped_) return {};
    std::optional<Wants> wants = rule_->wants(canvas_);
    if (!wants) {
      last_pass_.reset();
      finish();
      return {};
    }
    wants_ = std::move(*wants);
    const bool is_last_anyway = wants_.step + 1 >= rule_->steps();
    last_pass_ = is_last_anyway ? std::nullopt : limits_.reached();
    if (last_pass_) want_everything_open();
    if (!needs_pass()) carry_out({}, events);
  }
  asked_ = wants_.rows;
  if (options_.converged && !last_pass_) asked_ = canvas_.open_positions(0, canvas_.size());
  limits_.begin_pass();
  return options_.guidance > 0 ? with_unguided(make_requests()) : make_requests();
}

void Sequence::advance(std::span<const at::Tensor> logits, Events* events) {
  limits_.end_pass();
  const bool twice = options_.guidance > 0;
  const std::size_t requests = twice ? logits.size() / 2 : logits.size();
  at::Tensor guided = joined(logits.first(requests));
  if (twice) {
    const at::Tensor unguided = joined(logits.subspan(requests));
    guided = unguided + (options_.guidance + 1) * (guided - unguided);
  }
  if (last_pass_) {
    apply(last_edit(guided), events);
    finish();
  } else if (has_converged(guided)) {
    last_pass_ = Finish::converged;
    apply(fill(asked_, guided), events);
    finish();
  } else {
    carry_out(wanted(guided), events);
  }
}

bool Sequence::has_converged(const at::Tensor& logits) const {
  if (!options_.converged) return false;
  const auto all = canvas_.editable_positions(0, canvas_.size()).size();
  const double open = static_cast<double>(asked_.size()) / static_cast<double>(all);
  return unmask::has_converged(writable_logits(logits, asked_, options_, vocabulary_, wants_.step),
                               1 - open, options_);
}

at::Tensor Sequence::wanted(const at::Tensor& logits) const {
  if (!options_.converged) return logits;
  std::vector<std::int64_t> indices;
  for (const int row : wants_.rows) {
    indices.push_back(std::lower_bound(asked_.begin(), asked_.end(), row) - asked_.begin());
  }
  return logits.index_select(0, at::tensor(indices, at::kLong));
}

void Sequence::carry_out(const at::Tensor& logits, Events* events) {
  apply(rule_->step(canvas_, logits, *noise_), events);
  if (options_.early_stop && (ended() || is_complete())) finish();
}

void Sequence::apply(const Edit& edit, Events* events) {
  std::vector<bool> was_open;
  for (const Write& write : edit.writes) was_open.push_back(canvas_.is_open(write.position));
  canvas_.apply(edit);
  const bool changed = !edit.writes.empty() || !edit.reopen.empty();
  if (changed && events != nullptr) report(edit, was_open, *events);
}

void Sequence::want_everything_open() {
  std::vector<int> open = canvas_.open_positions(0, wants_.block_range.end);
  rows_are_the_rules_ = open == wants_.rows && wants_.drafts.empty() && wants_.shadow.empty();
  if (open.empty()) return;  // what comes next is wanted
  wants_.rows = std::move(open);
  wants_.drafts.clear();
  wants_.shadow.clear();
}

Edit Sequence::last_edit(const at::Tensor& logits) {
  if (rows_are_the_rules_) {
    Edit edit = rule_->step(canvas_, logits, *noise_);
    Canvas next = canvas_;
    next.apply(edit);
    if (next.count_open(0, next.size()) == 0 && rule_->final_before(next) == next.size()) {
      last_pass_.reset();
      return edit;
    }
  }
  return fill(wants_.rows, logits);
}

Edit Sequence::fill(const std::vector<int>& rows, const at::Tensor& logits) {
  const Prediction best = predict_tokens(logits, rows, options_, vocabulary_, wants_.step, *noise_);
  Edit edit;
  for (std::size_t i = 0; i < best.positions.size(); ++i) {
    if (!canvas_.is_open(best.positions[i])) continue;
    edit.writes.push_back({best.positions[i], best.tokens[i], best.confidence[i]});
  }
  return edit;
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
                  .steps = rule_->steps(),
                  .block = wants_.block,
                  .open = canvas_.count_open(0, canvas_.size()),
                  .settled = settled(),
                  .canvas = canvas_.ids(),
                  .committed = committed,
                  .revised = revised,
                  .confidence = confidence});
}

int Sequence::settled() const {
  const int end = last_pass_ ? canvas_.size() : rule_->final_before(canvas_);
  int position = 0;
  while (position < end && !canvas_.is_open(position)) ++position;
  return position;
}

bool Sequence::ended() const {
  const int prompt = canvas_.prompt_size();
  const int end = std::min(prompt + options_.length, settled());
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
  unguided_cache_.reset();
}

Generation Sequence::result() const {
  const Finish finish = last_pass_.value_or(ended() ? Finish::end : Finish::length);
  return {.canvas = {canvas_.ids().begin(), canvas_.ids().end()},
          .holes = holes_,
          .finish = finish,
          .steps = rule_->steps(),
          .forwards = limits_.forwards()};
}

}  // namespace unmask
