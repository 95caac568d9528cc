// From a line of a batch to the plan of its canvas.
#pragma once

#include <memory>

#include "cli/batch_item.h"
#include "cli/plan.h"
#include "io/id_set.h"

namespace unmask {

class LinePlanner {
 public:
  /// `seed` is that of the run, of which those of the lines follow.
  LinePlanner(const Args& args, std::shared_ptr<const Setup> setup, std::uint64_t seed)
      : reader_(args, *setup), setup_(std::move(setup)), seed_(seed) {}

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
