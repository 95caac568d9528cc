// One of the processes that share a batch. Rank 0 writes the output file itself and ends the run;
// the others write parts of it, OUT.part-RANK.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/json_text.h"
#include "batch/ranks.h"
#include "batch/recorded.h"
#include "batch/report.h"
#include "unmask/store.h"

namespace unmask {

/// Lines are taken in chunks of consecutive numbers from a counter that all share, so that fast
/// machines do more. Who has taken a chunk and died does not give it back: what is missing in the
/// end is done by rank 0, or by --resume.
///
/// All calls but the constructor's throw Error{resource} where the store is not reached any more.
class Team {
 public:
  /// Meets the others, or waits for rank 0 to be there.
  Team(const StoreOptions& options, const std::string& run_id, const std::string& output);
  /// Where rank 0 ends before announce(), the others are told; where they end, rank 0 is.
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int rank() const { return options_.rank; }
  /// Of the others: the file that is theirs.
  std::string part() const { return part_name(output_, rank()); }

  /// Rank 0 has made the output file ready, to be made with `fingerprint`; `lines` of the input are
  /// there to be shared.
  void announce(const OrderedJson& fingerprint, std::uint64_t lines);

  /// The others wait for that; nothing where the run is over already. Error{usage} where rank 0 has
  /// refused, {resource} where it does not come.
  std::optional<OrderedJson> wait_for_announcement();

  /// Another rank is about to work; its part is locked. False where the run is over.
  bool begin();

  /// Whether the line is in a chunk of this process. Ask in the order of the lines. Chunks are
  /// taken when they are asked for; `so_far` is shown to rank 0 then.
  bool is_mine(std::uint64_t line, const BatchReport& so_far);

  /// Another rank has done its lines and closed its part.
  void end(const BatchReport& report);

  /// Rank 0 waits for all that are at work. Those that died are not: their locks are free.
  void wait_for_others();

  /// Adds what the others have told of their tokens and errors; how many lines are done and failed
  /// follows from what is recorded `now` and was when it began.
  void complete(BatchReport& report, const Recorded& now, std::uint64_t skipped,
                std::uint64_t failed_before);

  /// Rank 0 stays until the others need the store no more.
  void leave();

 private:
  std::string key(const std::string& name, int rank) const;
  bool is_anybody_at_work();
  void tell(const BatchReport& report);

  StoreOptions options_;
  std::string prefix_;  // of keys: the store may be older than this run
  std::string output_;
  std::unique_ptr<SharedStore> store_;
  bool announced_ = false;
  std::uint64_t chunk_lines_ = 1;
  std::int64_t chunk_ = -1;  // the last one taken, from 0
};

}  // namespace unmask
