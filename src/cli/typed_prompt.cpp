#include "cli/typed_prompt.h"

#include <algorithm>

#include "base/descriptor.h"
#include "base/values.h"
#include "io/input.h"

namespace unmask {
namespace {

constexpr std::string_view kBlankLine = "\n\n";
constexpr std::string_view kHole = "{}";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool lossy(const Args& args) { return args.settings.prompt.lossy; }

bool reads_standard_input(const Args& args) {
  if (args.dash) return true;
  if (std::find(args.files.begin(), args.files.end(), "-") != args.files.end()) return false;
  return !args.no_stdin && input_is_readable();
}

std::string without_final_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

void append_part(std::string& text, std::string_view part) {
  if (part.empty()) return;
  if (!text.empty()) text += kBlankLine;
  text += part;
}

std::string read_documents(const Args& args) {
  std::string documents;
  if (reads_standard_input(args)) {
    const std::string text = checked_text(read_input(args, "-"), "standard input", lossy(args));
    append_part(documents, without_final_newline(text));
  }
  for (const std::string& path : args.files) {
    std::string text = checked_text(read_input(args, path), display(path), lossy(args));
    if (path != "-" && text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
    append_part(documents, without_final_newline(text));
  }
  return documents;
}

std::string typed_prompt(const Args& args) {
  if (args.prompt && !args.words.empty()) {
    throw Error(ErrorCode::usage, "the prompt is given twice: as words and with --prompt",
                "give it once");
  }
  if (args.prompt) return checked_text(*args.prompt, "the prompt", lossy(args));
  std::string words;
  for (const std::string& word : args.words) words += (words.empty() ? "" : " ") + word;
  return checked_text(words, "the prompt", lossy(args));
}

std::string fill_holes(std::string_view text, const std::string& content) {
  std::string filled;
  for (std::size_t hole; (hole = text.find(kHole)) != std::string_view::npos;) {
    filled.append(text.substr(0, hole)).append(content);
    text.remove_prefix(hole + kHole.size());
  }
  return filled.append(text);
}

std::string read_text(const Args& args) {
  const std::string typed = typed_prompt(args);
  const std::string documents = read_documents(args);
  std::string text;
  if (!documents.empty() && typed.find(kHole) != std::string::npos) {
    text = fill_holes(typed, documents);
  } else {
    append_part(text, documents);
    append_part(text, typed);
  }
  if (text.size() > args.max_input) {
    throw Error(ErrorCode::usage,
                "the prompt is " + format_count(text.size()) + " bytes, the limit is " +
                    format_count(args.max_input),
                "raise the limit with --max-input");
  }
  return text;
}

std::vector<ChatMessage> read_messages(const Args& args) {
  if (args.prompt || !args.words.empty() || !args.files.empty() || args.settings.prompt.system ||
      args.settings.prompt.raw) {
    throw Error(ErrorCode::usage,
                "--messages cannot be combined with another prompt, --system or --raw");
  }
  const std::string source = *args.messages == "-" ? "standard input" : display(*args.messages);
  const std::string text = checked_text(read_input(args, *args.messages), source, lossy(args));
  const Json document = parse_json(text, source, ErrorCode::usage);
  const JsonField root(document, source + ":", ErrorCode::usage);
  return to_messages(document.is_object() ? root.at("messages") : root);
}

std::vector<int> read_ids(const Args& args) {
  if (args.ids.size() > 1) {
    throw Error(ErrorCode::usage, "--ids is given " + std::to_string(args.ids.size()) + " times",
                "give it once");
  }
  if (args.prompt || !args.words.empty() || !args.files.empty() || args.messages ||
      args.settings.prompt.system || args.settings.prompt.chat || args.dash) {
    throw Error(ErrorCode::usage, "--ids cannot be combined with a prompt or a chat format");
  }
  return args.ids.front();
}

}  // namespace

bool has_prompt(const Args& args) {
  return !args.words.empty() || args.prompt || !args.files.empty() || !args.ids.empty() ||
         args.messages || reads_standard_input(args);
}

Prompt read_prompt(const Args& args) {
  Prompt prompt;
  if (!args.ids.empty()) {
    prompt.ids = read_ids(args);
  } else if (args.messages) {
    prompt.messages = read_messages(args);
  } else {
    prompt.text = read_text(args);
  }
  return prompt;
}

std::string read_input(const Args& args, const std::string& path) {
  if (path == "-") return read_standard_input(args.max_input, args.quiet);
  return read_text_file(path, args.max_input);
}

}  // namespace unmask
