// Model and input of a batch in this process.
#pragma once

#include "batch/files.h"
#include "session/session.h"

namespace unmask {

class BatchRun {
 public:
  /// Loads the weights. All of it must outlive the object; `seed` is that of the run.
  BatchRun(const BatchJob& job, Session& session, std::uint64_t seed, Journal& journal,
           BatchProgress& progress);

  /// Goes through the input once and answers the lines that are ours. Adds to the report.
  void answer_lines(IsOurs is_ours, BatchReport& report);

 private:
  const BatchJob& job_;
  Session& session_;
  std::uint64_t seed_;
  Journal& journal_;
  BatchProgress& progress_;
};

}  // namespace unmask
