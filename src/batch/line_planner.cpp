#include "batch/line_planner.h"

#include "unmask/error.h"

namespace unmask {

Plan LinePlanner::plan(const InputLine& line, BatchItem& item) {
  try {
    reader_.read(line, seed_, item);
  } catch (const Error&) {
    remember(item.id);  // its error has the id
    throw;
  }
  if (!remember(item.id)) {
    throw Error(ErrorCode::usage, "the id " + item.id.dump() + " is that of an earlier line",
                "give each line its own, or none");
  }
  return make_plan(setup_, item.settings, item.prompt);
}

void LinePlanner::pass_over(const InputLine& line) { remember(find_line_id(line.text)); }

bool LinePlanner::remember(const Json& id) { return id.is_null() || ids_.insert(id.dump()); }

}  // namespace unmask
