// The two files of a batch: lines are read from one and answered in the other.
#pragma once

#include <functional>

#include "batch/journal.h"
#include "batch/lines.h"
#include "batch/progress.h"
#include "batch/queue.h"
#include "batch/reorder.h"
#include "batch/report.h"

namespace unmask {

/// Whether a line is to be answered here; asked once for each, in their order.
using IsOurs = std::function<bool(std::uint64_t line)>;

class BatchFiles : public BatchEnds {
 public:
  /// All of it must outlive the object.
  BatchFiles(const BatchJob& job, IsOurs is_ours, Journal& journal, BatchProgress& progress,
             BatchReport& report);

  std::optional<InputLine> take(bool patient) override;
  void answer(Answered answer) override;

 private:
  /// Answers leave at once where the output is put in order in the end; a pipe never can be.
  bool waits_for_order() const { return !unordered_ && !journal_.resumable(); }
  void write(const Answered& answer);

  LineReader reader_;
  IsOurs is_ours_;
  Journal& journal_;
  BatchProgress& progress_;
  BatchReport& report_;
  bool unordered_;
  Reorder<Answered> reorder_;
  std::unordered_map<std::uint64_t, std::uint64_t> places_;  // of lines under way, in the order
};

}  // namespace unmask
