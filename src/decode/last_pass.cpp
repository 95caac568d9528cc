#include "decode/last_pass.h"

#include <utility>

namespace unmask {
namespace {

Edit fill(const Canvas& canvas, const Distributions& said, const Sampling& sampling, int step,
          Noise& noise) {
  Edit edit{writes_of(said.predict(sampling, step, noise)), {}};
  std::erase_if(edit.writes, [&](const Write& write) { return !canvas.is_open(write.position); });
  return edit;
}

}  // namespace

void LastPass::plan(std::optional<Finish> reason, Wants& wants, const Canvas& canvas) {
  reason_ = reason;
  if (!reason_) return;
  std::vector<int> open = canvas.open_positions(0, wants.block_range.end);
  rows_are_the_rules_ = open == wants.rows && wants.drafts.empty() && wants.shadow.empty();
  if (open.empty()) return;  // what comes next is wanted
  wants.rows = std::move(open);
  wants.drafts.clear();
  wants.shadow.clear();
}

Edit LastPass::edit(Rule& rule, const Canvas& canvas, const Distributions& said,
                    const Sampling& sampling, int step, Noise& noise) {
  if (rows_are_the_rules_) {
    Edit edit = rule.step(canvas, said, noise);
    Canvas next = canvas;
    next.apply(edit);
    if (next.count_open(0, next.size()) == 0 && rule.final_before(next) == next.size()) {
      reason_.reset();
      return edit;
    }
  }
  return fill(canvas, said, sampling, step, noise);
}

Edit LastPass::end_now(Finish reason, const Canvas& canvas, const Distributions& said,
                       const Sampling& sampling, int step, Noise& noise) {
  reason_ = reason;
  return fill(canvas, said, sampling, step, noise);
}

}  // namespace unmask
