// --stream: the text is written while it is being decoded, as far as it is final.
#pragma once

#include <string>

#include "io/output.h"
#include "session/plan.h"
#include "unmask/events.h"

namespace unmask {

/// Error{usage} for a plan whose text cannot be written in pieces: several drafts, no tokenizer, or
/// a rule under which nothing is final before the end.
void require_streamable(const Plan& plan);

/// Writes what is final, from left to right: whole characters, nothing behind an end token or a
/// text of --stop, and no line break before something follows it.
class Stream : public Events {
 public:
  Stream(const Plan& plan, const Output& output) : plan_(plan), output_(output) {}

  void on_step(const StepEvent& event) override;

  /// Writes what is left of the answer; `line` is all of it. std::logic_error when it does not
  /// begin with what has been written.
  void finish(const std::string& line);

 private:
  const Plan& plan_;
  const Output& output_;
  std::string written_;
  int final_ = 0;  // positions that were looked at last time
};

}  // namespace unmask
