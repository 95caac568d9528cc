#include "cli/batch_part.h"

#include "cli/batch_fingerprint.h"
#include "cli/batch_run.h"
#include "io/fingerprint.h"
#include "io/progress.h"

namespace unmask {
namespace {

Error unsharable(const Rank& rank, const std::string& what, const std::string& hint) {
  return {ErrorCode::usage,
          what + ", and " + rank.launcher + " has started " + std::to_string(rank.size) +
              " processes that are to share it",
          hint + "; with UNMASK_WORLD_SIZE=1 each works alone"};
}

void check_same(const OrderedJson& of_rank_0, const OrderedJson& here, const Args& args, int rank) {
  const std::string differing = differences(of_rank_0, here);
  if (differing.empty() || args.force_resume) return;
  throw Error(ErrorCode::usage,
              "rank 0 was started with something else than rank " + std::to_string(rank) + ":\n  " +
                  differing,
              "give all processes the same command");
}

}  // namespace

std::unique_ptr<Team> join_team(const Args& args, const std::string& input) {
  const Rank rank = find_rank(environment_variable, args.store.has_value());
  if (rank.size == 1) return nullptr;
  if (!args.output || !is_journal_file(*args.output)) {
    throw unsharable(rank, "the output is no file", "give one to --output");
  }
  if (!summarize_input(input)) {
    throw unsharable(rank, "the input is no file", "write it to one that all of them see");
  }
  const StoreOptions options = meeting_place(environment_variable, rank, args.store, *args.output);
  return std::make_unique<Team>(options, rank.run_id, *args.output);
}

void answer_part(const Args& args, const std::string& input, Team& team) {
  const auto announced = team.wait_for_announcement();
  if (!announced) return;
  const auto setup = make_setup(args);
  const auto seed = announced->at("seed").get<std::uint64_t>();
  check_same(*announced,
             fingerprint(args, *setup, args.seed.value_or(seed), summarize_input(input)), args,
             team.rank());
  BatchReport report;
  {
    Journal part(team.part(), input, Existing::resume);
    if (!team.begin()) return;
    part.prepare();
    const Recorded recorded = scan_output(*args.output);
    const LineSet* const failed = args.resume_failed ? nullptr : &recorded.failed;
    BatchProgress silent(progress_kind(/*quiet=*/true, /*verbose=*/false), std::nullopt);
    BatchRun run(args, input, setup, seed, part, silent);
    const auto is_ours = [&](std::uint64_t line) {
      const bool is_done = recorded.good.contains(line) || (failed && failed->contains(line));
      return !is_done && team.is_mine(line, report);
    };
    run.answer_lines(is_ours, report);
  }
  team.end(report);
}

}  // namespace unmask
