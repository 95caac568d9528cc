// The command `detokenize`: token ids -> text, without any weights.
#include "base/json_text.h"
#include "base/values.h"
#include "cli/command.h"
#include "cli/typed_prompt.h"
#include "io/input.h"
#include "io/output.h"
#include "session/model_folder.h"
#include "text/tokenizer.h"
#include "text/tokenizer_files.h"

namespace unmask {
namespace {

constexpr std::string_view kIntroduction =
    R"(Usage: unmask detokenize [ID...] [FLAGS]

Prints the text of token ids, given as words or on standard input. No weights are needed.
)";

std::vector<int> ids_to_decode(const Args& args) {
  if (args.words.empty()) return parse_ids("standard input", read_input(args, "-"));
  std::string words;
  for (const std::string& word : args.words) words += word + ' ';
  return parse_ids("a token id", words);
}

int run_detokenize(const Args& args) {
  const bool from_input = args.dash || (!args.no_stdin && input_is_readable());
  if (args.words.empty() && !from_input) return show_usage(*args.command);
  const Output output(args.output);
  const auto tokenizer = load_tokenizer(TokenizerFiles(open_tokenizer(args.settings.model.model)));
  const std::vector<int> ids = ids_to_decode(args);
  for (const int id : ids) {
    if (id < tokenizer->vocab_size()) continue;
    throw Error(ErrorCode::usage, "token id " + std::to_string(id) +
                                      " is not in the vocabulary; it has ids 0 to " +
                                      std::to_string(tokenizer->vocab_size() - 1));
  }
  const std::string text = tokenizer->decode(ids, false);
  output.write(args.json ? json_line({{"schema", 1}, {"text", text}}) : text + '\n');
  return 0;
}

}  // namespace

Command detokenize_command() {
  return {.name = "detokenize",
          .summary = "Print the text of token ids.",
          .introduction = kIntroduction,
          .flags = "no-stdin max-input model output json",
          .run = run_detokenize};
}

}  // namespace unmask
