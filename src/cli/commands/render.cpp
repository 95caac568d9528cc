// The command `render`: a conversation -> the text that the chat template makes of it.
#include "base/file.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/typed_prompt.h"
#include "io/output.h"
#include "session/model_folder.h"
#include "session/prompt_ids.h"
#include "text/tokenizer_files.h"

namespace unmask {
namespace {

constexpr std::string_view kIntroduction =
    R"(Usage: unmask render --messages FILE [FLAGS]

Prints the text that a chat template makes of a conversation, as it stands: what the model is given.
The template is the checkpoint's own, or the one in a file.
)";

OrderedJson read_json(const Args& args, const std::string& path) {
  const std::string source = path == "-" ? "standard input" : display(path);
  return parse_ordered_json(read_input(args, path), source, ErrorCode::usage);
}

Conversation read_conversation(const Args& args) {
  OrderedJson document = read_json(args, *args.messages);
  Conversation conversation;
  if (document.is_object() && document.contains("tools")) conversation.tools = document.at("tools");
  if (document.is_object()) document = document.value("messages", OrderedJson());
  if (!document.is_array()) {
    throw Error(ErrorCode::usage, "--messages: a list of messages is expected");
  }
  conversation.messages = std::move(document);
  if (const auto tools = args.value_of("tools")) conversation.tools = read_json(args, *tools);
  return conversation;
}

ChatFormat format_of(const Args& args) {
  const PromptOptions& options = args.settings.prompt;
  const auto file = args.value_of("template");
  if (!file) {
    const TokenizerFiles files(open_tokenizer(args.settings.model.model));
    return choose_chat_format(options, true, files).value();
  }
  ChatFormat format("file", ChatTemplate::parse(read_input(args, *file), display(*file)));
  set_template_args(format, options);
  return format;
}

int run_render(const Args& args) {
  if (!args.messages) return show_usage(*args.command);
  const Output output(args.output);
  std::string text;
  for (const ChatSegment& segment : format_of(args).render(read_conversation(args))) {
    text += segment.text;
  }
  output.write(text);
  return 0;
}

}  // namespace

Command render_command() {
  return {.name = "render",
          .summary = "Print the text that a chat template makes of a conversation.",
          .introduction = kIntroduction,
          .flags = "messages template tools template-arg chat max-input model output",
          .own = {{.name = "template",
                   .value = "FILE",
                   .group = "Input",
                   .help = "A chat template, in place of the checkpoint's own."},
                  {.name = "tools",
                   .value = "FILE",
                   .group = "Input",
                   .help = "Tools for the template, as a JSON list."}},
          .run = run_render};
}

}  // namespace unmask
