// The command `batch`: lines -> plans -> engine -> lines.
#include <chrono>
#include <limits>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "cli/batch_fingerprint.h"
#include "cli/batch_part.h"
#include "cli/batch_run.h"
#include "cli/command.h"
#include "cli/line_planner.h"
#include "cli/plan.h"
#include "cli/values.h"
#include "io/input.h"
#include "io/output.h"
#include "io/progress.h"

namespace unmask {
namespace {

constexpr std::string_view kIntroduction =
    R"(Usage: unmask batch INPUT [-o OUTPUT] [FLAGS]

Answers every line of INPUT (- is standard input) by one line of JSON in OUTPUT, in the same order. A line
is {"prompt": "..."}, with "id" and any option below if need be; {"messages": [...]} or {"ids": [...]}; a
line of an OpenAI batch file; or with --lines a prompt as it stands. What goes wrong with one line is said
in its place in OUTPUT, and the run goes on. What is written is never lost: --resume goes on from there.

  unmask batch prompts.jsonl -o answers.jsonl
  unmask batch --lines titles.txt -n 64 -o stories.jsonl
  make-prompts | unmask batch - | jq -r .text

Exit codes: 0 done, 4 done but for lines that failed, else as unmask --help says.
)";

constexpr int kSomeFailed = 4;
constexpr int kMaxTogether = 1024;
constexpr int kMaxTokens = std::numeric_limits<int>::max();
constexpr std::uint64_t kProblemsShown = 10;

Existing existing_output(const Args& args) {
  if (args.resume + args.resume_failed + args.overwrite > 1) {
    throw Error(ErrorCode::usage, "--resume, --resume-failed and --overwrite exclude each other",
                "give one of them");
  }
  if (args.overwrite) return Existing::overwrite;
  if (args.resume_failed) return Existing::resume_failed;
  return args.resume ? Existing::resume : Existing::refuse;
}

/// --strict: plans every line without decoding any. Error{usage} shows the first ones that are
/// wrong.
void check_all(const Args& args, LinePlanner& planner, const std::string& input) {
  if (!summarize_input(input)) {
    throw Error(ErrorCode::usage, "--strict reads the input twice, and this one is no file",
                "write it to a file first");
  }
  std::uint64_t wrong = 0;
  std::string shown;
  LineReader reader(input, args.max_line);
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
std::uint64_t run_seed(const Args& args, const Journal& journal) {
  if (args.seed) return *args.seed;
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

std::string input_of(const Args& args) {
  if (args.words.size() > 1) {
    throw Error(ErrorCode::usage, "batch takes one input, not " + std::to_string(args.words.size()),
                "unmask batch INPUT -o OUTPUT");
  }
  return args.words.empty() ? "-" : args.words.front();
}

/// The flag of a switch.
Flag toggle(const char* name, const char* help, bool Args::*member) {
  return {.name = name,
          .group = "Batch",
          .help = help,
          .set = [member](Args& args, const std::string&) { args.*member = true; }};
}

Flag value(const char* name, const char* value, const char* help,
           std::function<void(Args&, const std::string&)> set) {
  return {.name = name, .value = value, .group = "Batch", .help = help, .set = std::move(set)};
}

std::vector<Flag> batch_flags() {
  using Text = const std::string&;
  return {
      toggle("lines", "Every line of the input is a prompt, as it stands.", &Args::lines),
      value("max-line", "SIZE", "Refuse lines that are longer (16MiB).",
            [](Args& a, Text v) { a.max_line = parse_size("--max-line", v); }),
      value(
          "batch", "N", "Texts that are decoded together, at most (8).",
          [](Args& a, Text v) { a.batch.requests = parse_integer("--batch", v, 1, kMaxTogether); }),
      value("batch-tokens", "N",
            "Tokens of these texts together, prompts included, at most (8192); 0: no limit.",
            [](Args& a, Text v) {
              a.batch.tokens = parse_integer("--batch-tokens", v, 0, kMaxTokens);
            }),
      toggle("resume", "Go on where a run with the same output was broken off.", &Args::resume),
      toggle("resume-failed", "Go on, and do the lines again that failed.", &Args::resume_failed),
      toggle("overwrite", "Start anew although the output exists.", &Args::overwrite),
      toggle("force-resume", "Go on although model, options or input are not what they were.",
             &Args::force_resume),
      toggle("unordered", "Write answers as they come, not in the input's order.",
             &Args::unordered),
      toggle("strict", "Check every line first; begin only if all are fine.", &Args::strict),
      value("report", "FILE", "Write what the run came to as a JSON object.",
            [](Args& a, Text v) { a.report = v; }),
      value("store", "PLACE",
            "Where the processes of a run meet: HOST:PORT, or a file that all of them see.",
            [](Args& a, Text v) { a.store = v; })};
}

int run_batch(const Args& args) {
  if (args.words.empty() && !args.dash && !input_is_readable()) {
    return show_usage(*args.command);
  }
  const std::string input = input_of(args);
  const std::unique_ptr<Team> team = join_team(args, input);  // nothing where this process is alone
  if (team && team->rank() > 0) {
    answer_part(args, input, *team);
    return 0;
  }
  Journal journal(args.output.value_or("-"), input, existing_output(args));
  std::optional<Output> report_file;  // looked at before any work is done
  if (args.report) report_file.emplace(args.report);
  const auto setup = make_setup(args);
  const std::uint64_t seed = run_seed(args, journal);
  const auto summary = summarize_input(input);
  const OrderedJson made_with = fingerprint(args, *setup, seed, summary);
  journal.set_fingerprint(made_with, args.force_resume);
  if (args.strict) {
    LinePlanner planner(args, setup, seed);
    check_all(args, planner, input);
  }
  if (team) {
    journal.prepare();
    team->announce(made_with, summary->lines);
  }

  BatchReport report;
  report.model = model_json(*setup);
  report.options = options_json(run_options(args, setup->facts));
  report.start = std::chrono::system_clock::now();
  const bool to_terminal = Output(args.output).is_terminal();
  BatchProgress progress(progress_kind(args.quiet || to_terminal, args.verbose > 0),
                         summary ? std::optional(summary->lines) : std::nullopt);
  BatchRun run(args, input, setup, seed, journal, progress);
  report.load_seconds = run.load_seconds();

  const auto begin = Clock::now();
  try {
    if (team) {
      answer_shared(run, *team, journal, args.resume_failed, report);
    } else {
      run.answer_lines([&](std::uint64_t line) { return !journal.is_done(line); }, report);
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::interrupted || !journal.resumable()) throw;
    throw Error(error.code(),
                "interrupted; " + format_count(journal.recorded().lines()) + " lines are done",
                "--resume goes on from there");
  }
  journal.finish(args.unordered);
  progress.clear();
  report.seconds = seconds_since(begin);
  report.end = std::chrono::system_clock::now();
  report.failed_before = journal.recorded().failed.size() - report.failed;
  if (report_file) report_file->write(json_line(report_json(report)));
  if (!args.quiet) write_stderr(batch_summary(report) + '\n');
  if (team) team->leave();
  return report.failed + report.failed_before > 0 ? kSomeFailed : 0;
}

}  // namespace

Command batch_command() {
  return {
      .name = "batch",
      .summary = "Answer every line of a file.",
      .introduction = kIntroduction,
      .flags =
          "system chat raw allow-special lossy truncate model family mask-id end-ids shift "
          "allow-code @decoding preset seed num stop deadline max-forwards lines max-line batch "
          "batch-tokens resume resume-failed overwrite force-resume unordered strict report store "
          "output threads dtype device",
      .own = batch_flags(),
      .run = run_batch};
}

}  // namespace unmask
