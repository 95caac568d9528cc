#include "batch/part.h"

#include "batch/fingerprint.h"
#include "batch/made_with.h"
#include "batch/run.h"
#include "io/progress.h"

namespace unmask {
namespace {

Error unsharable(const Rank& rank, const std::string& what, const std::string& hint) {
  return {ErrorCode::usage,
          what + ", and " + rank.launcher + " has started " + std::to_string(rank.size) +
              " processes that are to share it",
          hint + "; with UNMASK_WORLD_SIZE=1 each works alone"};
}

void check_same(const OrderedJson& of_rank_0, const OrderedJson& here, bool force, int rank) {
  const std::string differing = differences(of_rank_0, here);
  if (differing.empty() || force) return;
  throw Error(ErrorCode::usage,
              "rank 0 was started with something else than rank " + std::to_string(rank) + ":\n  " +
                  differing,
              "give all processes the same command");
}

}  // namespace

std::unique_ptr<Team> join_team(const BatchJob& job) {
  const std::optional<std::string>& store = job.options.store;
  const Rank rank = find_rank(environment_variable, store.has_value());
  if (rank.size == 1) return nullptr;
  if (!job.output || !is_journal_file(*job.output)) {
    throw unsharable(rank, "the output is no file", "give one to --output");
  }
  if (!summarize_input(job.input)) {
    throw unsharable(rank, "the input is no file", "write it to one that all of them see");
  }
  const StoreOptions options = meeting_place(environment_variable, rank, store, *job.output);
  return std::make_unique<Team>(options, rank.run_id, *job.output);
}

void answer_part(const BatchJob& job, Team& team) {
  const auto announced = team.wait_for_announcement();
  if (!announced) return;
  Session session(job.settings, Prompts::any);
  const auto seed = announced->at("seed").get<std::uint64_t>();
  const OrderedJson here = fingerprint(job, *session.setup(), job.settings.run.seed.value_or(seed),
                                       summarize_input(job.input));
  check_same(*announced, here, job.options.force_resume, team.rank());
  BatchReport report;
  {
    Journal part(team.part(), job.input, Existing::resume);
    if (!team.begin()) return;
    part.prepare();
    const Recorded recorded = scan_output(*job.output);
    const LineSet* const failed = job.options.resume_failed ? nullptr : &recorded.failed;
    BatchProgress silent(progress_kind(/*quiet=*/true, /*verbose=*/false), std::nullopt);
    BatchRun run(job, session, seed, part, silent);
    const auto is_ours = [&](std::uint64_t line) {
      const bool is_done = recorded.good.contains(line) || (failed && failed->contains(line));
      return !is_done && team.is_mine(line, report);
    };
    run.answer_lines(is_ours, report);
  }
  team.end(report);
}

}  // namespace unmask
