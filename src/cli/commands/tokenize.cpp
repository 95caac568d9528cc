// The command `tokenize`: text -> token ids, without any weights.
#include "base/json_text.h"
#include "cli/command.h"
#include "cli/typed_prompt.h"
#include "io/output.h"
#include "session/model_folder.h"
#include "session/prompt_ids.h"
#include "text/tokenizer_files.h"

namespace unmask {
namespace {

constexpr std::string_view kIntroduction =
    R"(Usage: unmask tokenize [TEXT...] [FLAGS]

Prints the token ids of a text on one line. The text comes from where a prompt would. No weights are
needed.
)";

std::string joined(const std::vector<int>& ids) {
  std::string line;
  for (const int id : ids) line += (line.empty() ? "" : " ") + std::to_string(id);
  return line + '\n';
}

OrderedJson ids_json(const Tokenizer& tokenizer, const std::vector<int>& ids) {
  std::vector<std::string> pieces;
  pieces.reserve(ids.size());
  for (const int id : ids) pieces.push_back(tokenizer.token_text(id));
  return {{"schema", 1}, {"ids", ids}, {"pieces", pieces}};
}

int run_tokenize(const Args& args) {
  if (!has_prompt(args)) return show_usage(*args.command);
  PromptOptions options = args.settings.prompt;
  const bool formatted = args.has("chat-format") || options.chat || options.system ||
                         args.messages || !options.template_args.empty();
  options.raw = !formatted;  // an empty text is a text here
  const Output output(args.output);
  const TokenizerFiles files(open_tokenizer(args.settings.model.model));
  const auto format = choose_chat_format(options, args.messages.has_value(), files);
  if (formatted && !format) {
    throw Error(ErrorCode::usage, "this checkpoint has no chat format", "name one with --chat");
  }
  const auto tokenizer = load_tokenizer(files);
  const std::vector<int> ids = prompt_ids(options, read_prompt(args), *tokenizer, format, 0);
  output.write(args.json ? json_line(ids_json(*tokenizer, ids)) : joined(ids));
  return 0;
}

}  // namespace

Command tokenize_command() {
  return {
      .name = "tokenize",
      .summary = "Print the token ids of a text.",
      .introduction = kIntroduction,
      .flags =
          "prompt file messages system chat chat-format template-arg allow-special lossy no-stdin "
          "max-input model output json",
      .own = {{.name = "chat-format",
               .group = "Input",
               .help = "Apply the checkpoint's chat format."}},
      .run = run_tokenize};
}

}  // namespace unmask
