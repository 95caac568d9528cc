// Model and input of a batch in this process.
#pragma once

#include <memory>

#include "cli/batch_files.h"
#include "unmask/engine.h"

namespace unmask {

class BatchRun {
 public:
  /// Loads the model. All of it must outlive the object; `seed` is that of the run.
  BatchRun(const Args& args, const std::string& input, std::shared_ptr<const Setup> setup,
           std::uint64_t seed, Journal& journal, BatchProgress& progress);

  /// Goes through the input once and answers the lines that are ours. Adds to the report.
  void answer_lines(IsOurs is_ours, BatchReport& report);

  double load_seconds() const { return load_seconds_; }

 private:
  const Args& args_;
  const std::string& input_;
  std::shared_ptr<const Setup> setup_;
  std::uint64_t seed_;
  Journal& journal_;
  BatchProgress& progress_;
  std::unique_ptr<Engine> engine_;
  double load_seconds_ = 0;
};

}  // namespace unmask
