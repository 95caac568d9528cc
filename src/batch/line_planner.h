// From a line of a batch to the plan of its canvas.
#pragma once

#include <memory>

#include "batch/id_set.h"
#include "batch/item.h"
#include "session/plan.h"

namespace unmask {

class LinePlanner {
 public:
  /// `seed` is that of the run, of which those of the lines follow. The job must outlive it.
  LinePlanner(const BatchJob& job, std::shared_ptr<const Setup> setup, std::uint64_t seed)
      : reader_(job, setup->checkpoint->path()), setup_(std::move(setup)), seed_(seed) {}

  /// Fills `item` with what has been understood, also when it throws. Error{usage} for a line that
  /// cannot be read or whose id an earlier one has; else as make_plan().
  Plan plan(const InputLine& line, BatchItem& item);

  /// Only remembers the id of a line that is not to be answered here.
  void pass_over(const InputLine& line);

 private:
  /// False where an earlier line has the id.
  bool remember(const Json& id);

  ItemReader reader_;
  std::shared_ptr<const Setup> setup_;
  std::uint64_t seed_;
  IdSet ids_;
};

}  // namespace unmask
