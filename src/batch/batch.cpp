#include "batch/batch.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/values.h"
#include "batch/line_planner.h"
#include "batch/made_with.h"
#include "batch/part.h"
#include "batch/run.h"
#include "io/output.h"
#include "io/progress.h"
#include "session/result.h"

namespace unmask {
namespace {

constexpr std::uint64_t kProblemsShown = 10;

/// --strict: plans every line without decoding any. Error{usage} shows the first ones that are
/// wrong.
void check_all(const BatchJob& job, LinePlanner& planner) {
  if (!summarize_input(job.input)) {
    throw Error(ErrorCode::usage, "--strict reads the input twice, and this one is no file",
                "write it to a file first");
  }
  std::uint64_t wrong = 0;
  std::string shown;
  LineReader reader(job.input, job.options.max_line);
  while (auto line = reader.next()) {
    BatchItem item;
    try {
      planner.plan(to_input_line(std::move(*line)), item);
    } catch (const Error& error) {
      if (++wrong > kProblemsShown) continue;
      shown += "\n  line " + std::to_string(item.line) + ": " + error.what();
    }
  }
  if (wrong == 0) return;
  throw Error(ErrorCode::usage,
              std::to_string(wrong) + (wrong == 1 ? " line is" : " lines are") + " wrong" + shown,
              "nothing was decoded; without --strict each becomes an error in the output");
}

/// The seed of the run: as typed, else that of the run that is resumed, else a new one.
std::uint64_t run_seed(const RunOptions& run, const Journal& journal) {
  if (run.seed) return *run.seed;
  const auto& previous = journal.previous();
  if (previous && previous->contains("seed")) return previous->at("seed").get<std::uint64_t>();
  return random_seed();
}

/// Rank 0's lines, then what those have left that died.
void answer_shared(BatchRun& run, Team& team, Journal& journal, bool again, BatchReport& report) {
  const std::uint64_t failed_before = again ? 0 : journal.recorded().failed.size();
  const std::uint64_t done_before = journal.recorded().good.size() + failed_before;
  run.answer_lines(
      [&](std::uint64_t line) { return !journal.is_done(line) && team.is_mine(line, report); },
      report);
  team.wait_for_others();
  journal.look_again();
  if (journal.recorded().lines() < report.lines) {
    const std::uint64_t lines = std::exchange(report.lines, 0);
    run.answer_lines([&](std::uint64_t line) { return !journal.recorded().contains(line); },
                     report);
    report.lines = lines;
  }
  team.complete(report, journal.recorded(), done_before, failed_before);
}

/// What is on the last line of the terminal meanwhile.
BatchProgress progress_of(const BatchJob& job, const std::optional<InputSummary>& input) {
  const bool to_terminal = Output(job.output).is_terminal();
  return {progress_kind(job.quiet || to_terminal, job.verbose),
          input ? std::optional(input->lines) : std::nullopt};
}

/// The lines of this process, and those that others of the team have left.
void answer_lines(const BatchJob& job, BatchRun& run, Team* team, Journal& journal,
                  BatchReport& report) {
  try {
    if (team != nullptr) {
      answer_shared(run, *team, journal, job.options.resume_failed, report);
    } else {
      run.answer_lines([&](std::uint64_t line) { return !journal.is_done(line); }, report);
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::interrupted || !journal.resumable()) throw;
    throw Error(error.code(),
                "interrupted; " + format_count(journal.recorded().lines()) + " lines are done",
                "--resume goes on from there");
  }
}

}  // namespace

bool run_batch(const BatchJob& job) {
  const std::unique_ptr<Team> team = join_team(job);  // nothing where this process is alone
  if (team && team->rank() > 0) {
    answer_part(job, *team);
    return true;
  }
  const BatchOptions& options = job.options;
  Journal journal(job.output.value_or("-"), job.input, existing_output(options));
  std::optional<Output> report_file;  // looked at before any work is done
  if (options.report) report_file.emplace(options.report);
  Session session(job.settings, Prompts::any);
  const std::uint64_t seed = run_seed(job.settings.run, journal);
  const auto summary = summarize_input(job.input);
  const OrderedJson made_with = fingerprint(job, *session.setup(), seed, summary);
  journal.set_fingerprint(made_with, options.force_resume);
  if (options.strict) {
    LinePlanner planner(job, session.setup(), seed);
    check_all(job, planner);
  }
  if (team) {
    journal.prepare();
    team->announce(made_with, summary->lines);
  }

  BatchReport report;
  report.model = model_json(*session.setup());
  report.options = options_json(run_options(job.settings.run, session.setup()->facts));
  report.start = std::chrono::system_clock::now();
  BatchProgress progress = progress_of(job, summary);
  BatchRun run(job, session, seed, journal, progress);
  report.load_seconds = session.load_seconds();
  const auto begin = Clock::now();
  answer_lines(job, run, team.get(), journal, report);
  journal.finish(options.unordered);
  progress.clear();
  report.seconds = seconds_since(begin);
  report.end = std::chrono::system_clock::now();
  report.failed_before = journal.recorded().failed.size() - report.failed;
  if (report_file) report_file->write(json_line(report_json(report)));
  if (!job.quiet) write_stderr(batch_summary(report) + '\n');
  if (team) team->leave();
  return report.failed + report.failed_before == 0;
}

}  // namespace unmask
