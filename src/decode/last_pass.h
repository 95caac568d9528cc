// The pass that ends a request before its rule is done: what is open is filled in it.
#pragma once

#include <optional>

#include "rules/canvas.h"
#include "rules/rule.h"
#include "unmask/engine.h"

namespace unmask {

/// Of one sequence. What is open gets the best token that the pass knows.
class LastPass {
 public:
  /// Why the pass under way, or the one that was made, is the last one; nothing where it is not.
  std::optional<Finish> reason() const { return reason_; }

  /// For what reason the pass that `wants` asks for is the last one, if it is. It is then made over
  /// all that is open up to the block's end: `wants` says so afterwards.
  void plan(std::optional<Finish> reason, Wants& wants, const Canvas& canvas);

  /// What the planned pass writes: what the rule would, where that is all there is to do, and then
  /// it is no early end; else the best token for every open row.
  Edit edit(Rule& rule, const Canvas& canvas, const Distributions& said, const Sampling& sampling,
            int step, Noise& noise);

  /// The same of a pass that turns out to be the last one: the best token for every open row.
  Edit end_now(Finish reason, const Canvas& canvas, const Distributions& said,
               const Sampling& sampling, int step, Noise& noise);

  /// The rule ended by itself.
  void clear() { reason_.reset(); }

 private:
  std::optional<Finish> reason_;
  bool rows_are_the_rules_ = false;
};

}  // namespace unmask
