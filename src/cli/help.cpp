#include "cli/help.h"

#include <algorithm>
#include <string_view>

#include "cli/engine_library.h"
#include "cli/flags.h"
#include "cli/result.h"
#include "family/family.h"
#include "text/chat_format.h"
#include "unmask/version.h"

namespace unmask {
namespace {

constexpr std::size_t kWidth = 96;
constexpr std::size_t kHelpColumn = 26;

constexpr std::string_view kBrief = R"(unmask writes text with masked-diffusion language models.

  unmask "Once upon a time"                   continue a text, or answer a chat model
  echo "The dragon" | unmask -n 48 -s 12      48 tokens in 12 denoising steps
  unmask -m DIR --help                        all flags; also: unmask inspect --help
)";

constexpr std::string_view kGenerate = R"(unmask writes text with masked-diffusion language models.

Usage: unmask [generate] [PROMPT...] [FLAGS]
       unmask batch INPUT -o OUTPUT [FLAGS]
       unmask tokenize | detokenize | inspect | config | logits [FLAGS]

  unmask "Once upon a time"
  unmask -f report.txt "Summarise this in one sentence."
  git diff | unmask 'Write a commit message for {}' -m org/name
  unmask --temperature 0.7 --seed 1 --num 3 "The dragon"
  unmask -n 64 -s 16 --json --trace steps.jsonl "The dragon" | jq .text

The prompt is words, -p TEXT or -f FILE. Text on standard input comes before it, or replaces {} in it.
The answer and one line break go to standard output, everything else to standard error. A prompt that
is the name of a command, or begins with -, goes after --.

Exit codes: 0 done, 1 failure, 2 usage, 3 checkpoint rejected, 5 resources, 130 interrupted.
)";

constexpr std::string_view kBatch = R"(Usage: unmask batch INPUT [-o OUTPUT] [FLAGS]

Answers every line of INPUT (- is standard input) by one line of JSON in OUTPUT, in the same order. A line
is {"prompt": "..."}, with "id" and any option below if need be; {"messages": [...]} or {"ids": [...]}; a
line of an OpenAI batch file; or with --lines a prompt as it stands. What goes wrong with one line is said
in its place in OUTPUT, and the run goes on. What is written is never lost: --resume goes on from there.

  unmask batch prompts.jsonl -o answers.jsonl
  unmask batch --lines titles.txt -n 64 -o stories.jsonl
  make-prompts | unmask batch - | jq -r .text

Exit codes: 0 done, 4 done but for lines that failed, else as unmask --help says.
)";

constexpr std::string_view kLogits =
    R"(Usage: unmask logits -m MODEL --ids "1 2 3" [--ids ...] -o FILE.safetensors

Writes what the network gives for token ids, before any logit shift: float32 tensors logits.0, logits.1,
... of shape [tokens, vocabulary], one for each --ids.
)";

constexpr std::string_view kTokenize = R"(Usage: unmask tokenize [TEXT...] [FLAGS]

Prints the token ids of a text on one line. The text comes from where a prompt would. No weights are
needed.
)";

constexpr std::string_view kDetokenize = R"(Usage: unmask detokenize [ID...] [FLAGS]

Prints the text of token ids, given as words or on standard input. No weights are needed.
)";

constexpr std::string_view kInspect = R"(Usage: unmask inspect [MODEL] [FLAGS]

Says what a checkpoint is, what it needs and whether all its tensors are there. Exit code 3 when it is
not sound.
)";

constexpr std::string_view kConfig = R"(Usage: unmask config [MODEL] [--preset NAME] [FLAGS]

Prints every decoding option of a model as the command line that says the same, with the preset and the
flags applied. With --json as an object. No weights are needed.
)";

std::string_view introduction(Command command) {
  switch (command) {
    case Command::generate:
      return kGenerate;
    case Command::batch:
      return kBatch;
    case Command::logits:
      return kLogits;
    case Command::tokenize:
      return kTokenize;
    case Command::detokenize:
      return kDetokenize;
    case Command::inspect:
      return kInspect;
    case Command::config:
      return kConfig;
  }
  return kGenerate;
}

/// `text` in lines that begin at the help column; the first one continues the current line.
std::string wrapped(std::string_view text) {
  std::string lines;
  std::size_t used = kHelpColumn;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (used + word.size() + 1 > kWidth) {
      lines += '\n' + std::string(kHelpColumn, ' ');
      used = kHelpColumn;
    } else if (used > kHelpColumn) {
      lines += ' ';
      ++used;
    }
    lines += word;
    used += word.size();
  }
  return lines;
}

std::string flag_help(const Flag& flag) {
  std::string left = flag.letter.empty() ? "      " : "  -" + flag.letter + ", ";
  left += "--" + flag.name + (flag.value.empty() ? "" : " " + flag.value);
  if (left.size() + 2 > kHelpColumn) {
    left += '\n' + std::string(kHelpColumn, ' ');
  } else {
    left.resize(kHelpColumn, ' ');
  }
  return left + wrapped(flag.help) + '\n';
}

std::vector<std::string> groups_of(Command command) {
  std::vector<std::string> groups;
  for (const Flag& flag : all_flags()) {
    if (!flag.belongs_to(command) || !flag.in_help) continue;
    if (std::find(groups.begin(), groups.end(), flag.group) == groups.end()) {
      groups.push_back(flag.group);
    }
  }
  return groups;
}

}  // namespace

std::string help_text(Command command, bool color) {
  const std::string bold = color ? "\x1b[1m" : "";
  const std::string plain = color ? "\x1b[0m" : "";
  std::string text(introduction(command));
  for (const std::string& group : groups_of(command)) {
    text += "\n" + bold + group + plain + "\n";
    for (const Flag& flag : all_flags()) {
      if (flag.group == group && flag.in_help && flag.belongs_to(command)) text += flag_help(flag);
    }
  }
  return text;
}

std::string brief_help() { return std::string(kBrief); }

std::string version_text(bool json) {
  std::vector<std::string> known_families;
  for (const Family* family : families()) known_families.emplace_back(family->name);
  if (json) {
    const OrderedJson object = {{"schema", 1},
                                {"version", kVersion},
                                {"families", known_families},
                                {"chat_formats", chat_format_names()},
                                {"engine", engine_library_path().native()},
                                {"engine_found", exists(engine_library_path())},
                                {"compiler", __VERSION__}};
    return json_line(object);
  }
  std::string text = std::string("unmask ") + kVersion + "\nfamilies:";
  for (const Family* family : families()) {
    text += "\n  " + std::string(family->name) + ": " + std::string(family->models);
  }
  return text + "\nengine: " + display(engine_library_path()) +
         (exists(engine_library_path()) ? "" : " (missing)") + "\ncompiler: " + __VERSION__ + "\n";
}

}  // namespace unmask
