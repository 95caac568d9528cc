// The commands `tokenize` and `detokenize`: text <-> token ids, without any weights.
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/model_folder.h"
#include "cli/prompt_ids.h"
#include "cli/result.h"
#include "cli/values.h"
#include "io/input.h"
#include "io/output.h"

namespace unmask {
namespace {

int show_usage(Command command) {
  write_stderr(help_text(command, false));
  return static_cast<int>(ErrorCode::usage);
}

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

std::vector<int> ids_to_decode(const Args& args) {
  if (args.words.empty()) return parse_ids("standard input", read_input(args, "-"));
  std::string words;
  for (const std::string& word : args.words) words += word + ' ';
  return parse_ids("a token id", words);
}

}  // namespace

int run_tokenize(const Args& args) {
  if (!has_prompt(args)) return show_usage(Command::tokenize);
  const bool formatted = args.chat_format || args.chat || args.system || args.messages;
  Args prompt = args;
  prompt.raw = !formatted;  // an empty text is a text here
  const Output output(args.output);
  const auto folder = find_tokenizer(args);
  const auto format = choose_chat_format(prompt, folder);
  if (formatted && !format) {
    throw Error(ErrorCode::usage, "this checkpoint has no chat format", "name one with --chat");
  }
  const auto tokenizer = load_tokenizer(folder);
  const std::vector<int> ids = prompt_ids(prompt, read_prompt(prompt), *tokenizer, format, 0);
  output.write(args.json ? json_line(ids_json(*tokenizer, ids)) : joined(ids));
  return 0;
}

int run_detokenize(const Args& args) {
  const bool from_input = args.dash || (!args.no_stdin && input_is_readable());
  if (args.words.empty() && !from_input) return show_usage(Command::detokenize);
  const Output output(args.output);
  const auto tokenizer = load_tokenizer(find_tokenizer(args));
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

}  // namespace unmask
