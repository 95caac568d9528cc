// The command `batch`.
#include "batch/batch.h"

#include "cli/command.h"
#include "io/input.h"

namespace unmask {
namespace {

constexpr int kSomeFailed = 4;

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

/// The settings of a batch as flags: a bad value is an error before anything is read.
std::vector<Flag> batch_flags() {
  std::vector<Flag> flags;
  for (const Setting<BatchOptions>& setting : batch_settings()) {
    flags.push_back({.name = setting.name,
                     .value = setting.value,
                     .group = setting.group,
                     .help = setting.help,
                     .choices = setting.choices,
                     .set = [&setting](Args& args, const std::string& value) {
                       BatchOptions scratch;
                       setting.access.set(scratch, value);
                       args.own.emplace_back(setting.name, value);
                     }});
  }
  return flags;
}

std::string input_of(const Args& args) {
  if (args.words.size() > 1) {
    throw Error(ErrorCode::usage, "batch takes one input, not " + std::to_string(args.words.size()),
                "unmask batch INPUT -o OUTPUT");
  }
  return args.words.empty() ? "-" : args.words.front();
}

BatchJob job_of(const Args& args) {
  BatchJob job{.input = input_of(args),
               .output = args.output,
               .settings = args.settings,
               .options = {},
               .for_all = {},
               .quiet = args.quiet,
               .verbose = args.verbose > 0};
  for (const Setting<BatchOptions>& setting : batch_settings()) {
    if (const auto value = args.value_of(setting.name)) setting.access.set(job.options, *value);
  }
  for (const Flag* flag : flags_of(*args.command)) job.for_all.insert(flag->name);
  return job;
}

int run_batch_command(const Args& args) {
  if (args.words.empty() && !args.dash && !input_is_readable()) return show_usage(*args.command);
  return run_batch(job_of(args)) ? 0 : kSomeFailed;
}

}  // namespace

Command batch_command() {
  return {
      .name = "batch",
      .summary = "Answer every line of a file.",
      .introduction = kIntroduction,
      .flags =
          "system chat template-arg raw allow-special lossy truncate model family mask-id end-ids "
          "shift "
          "allow-code @decoding preset seed num stop deadline max-forwards lines max-line batch "
          "batch-tokens resume resume-failed overwrite force-resume unordered strict report store "
          "output threads dtype device",
      .own = batch_flags(),
      .run = run_batch_command};
}

}  // namespace unmask
