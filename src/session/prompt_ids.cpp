#include "session/prompt_ids.h"

#include <algorithm>

#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "unmask/error.h"

namespace unmask {
namespace {

/// Says with -v that some of the user's text looks like special tokens but is not read as such.
void mention_special_tokens(const Tokenizer& tokenizer, const std::string& text) {
  if (!log::enabled(log::Level::info)) return;
  for (const int id : tokenizer.encode(text, {.allow_special = true})) {
    if (!tokenizer.is_special(id)) continue;
    log::info("the prompt contains '" + utf8::printable(tokenizer.token_text(id)) +
              "'; it is read as plain text (--allow-special reads it as a token)");
    return;
  }
}

std::vector<int> encode_text(const PromptOptions& options, const Tokenizer& tokenizer,
                             const std::optional<ChatFormat>& format, const std::string& text) {
  if (!format) return tokenizer.encode(text, {.allow_special = options.allow_special});
  std::vector<ChatMessage> messages;
  if (options.system) {
    messages.push_back(
        {"system", checked_text(*options.system, "the system message", options.lossy)});
  }
  messages.push_back({"user", text});
  return format->render_ids(tokenizer, messages, {.allow_special = options.allow_special});
}

/// Encodes as much of `text` as fits: only the text gives way, never the chat format around it.
std::vector<int> encode_to_fit(const PromptOptions& options, const Tokenizer& tokenizer,
                               const std::optional<ChatFormat>& format, const std::string& text,
                               int room) {
  std::vector<int> ids = encode_text(options, tokenizer, format, text);
  std::vector<int> kept = tokenizer.encode(text, {.allow_special = options.allow_special});
  while (std::ssize(ids) > room && !kept.empty()) {
    const auto excess = std::ssize(ids) - room;
    const auto fits = std::max<std::ptrdiff_t>(std::ssize(kept) - excess, 0);
    kept = truncated(kept, options.truncate, static_cast<int>(fits));
    // A cut within a character leaves bytes of it behind.
    const std::string shorter = utf8::replace_invalid(tokenizer.decode(kept, false));
    ids = encode_text(options, tokenizer, format, shorter);
  }
  return ids;
}

[[noreturn]] void throw_no_chat_format(const std::string& what) {
  throw Error(ErrorCode::usage, what + " needs a chat format, and this checkpoint has none",
              "name one with --chat, or put all of it into the prompt");
}

// The value of a template's variable: JSON, or where it is none the text itself.
OrderedJson variable_value(const std::string& text) {
  try {
    return parse_ordered_json(text, "--template-arg", ErrorCode::usage);
  } catch (const JsonError&) {
    return text;
  }
}

}  // namespace

std::optional<ChatFormat> choose_chat_format(const PromptOptions& options, bool is_conversation,
                                             const TokenizerFiles& files) {
  const char* const needs_it = options.system                   ? "--system"
                               : options.chat                   ? "--chat"
                               : !options.template_args.empty() ? "--template-arg"
                                                                : nullptr;
  if (options.raw && needs_it != nullptr) {
    throw Error(ErrorCode::usage,
                "--raw leaves the chat format out, " + std::string(needs_it) + " needs it",
                "give one of them");
  }
  std::optional<ChatFormat> format;
  if (options.chat) {
    format = chat_format(*options.chat);
  } else if (!options.raw) {
    format = find_chat_format(files);
  }
  if (!format && (needs_it != nullptr || is_conversation)) {
    throw_no_chat_format(needs_it != nullptr ? needs_it : "--messages");
  }
  if (!format) return format;
  if (format->uses("enable_thinking")) format->turn_thinking_off();
  set_template_args(*format, options);
  return format;
}

void set_template_args(ChatFormat& format, const PromptOptions& options) {
  for (const std::string& argument : options.template_args) {
    const std::size_t equals = argument.find('=');
    format.set_variable(argument.substr(0, equals), variable_value(argument.substr(equals + 1)));
  }
}

std::vector<int> prompt_ids(const PromptOptions& options, const Prompt& prompt,
                            const Tokenizer& tokenizer, const std::optional<ChatFormat>& format,
                            int room) {
  if (!prompt.messages.empty()) {
    if (!format) throw_no_chat_format("a conversation");
    return format->render_ids(tokenizer, prompt.messages, {.allow_special = options.allow_special});
  }
  const std::string& text = prompt.text;
  if (text.empty() && !options.raw) {
    throw Error(ErrorCode::usage, "the prompt is empty",
                "--raw lets the model write without a prompt");
  }
  if (!options.allow_special) mention_special_tokens(tokenizer, text);
  if (options.truncate == Truncate::none || room == 0) {
    return encode_text(options, tokenizer, format, text);
  }
  return encode_to_fit(options, tokenizer, format, text, room);
}

std::optional<int> end_of_turn_id(const ChatFormat& format, const Tokenizer& tokenizer) {
  const std::string reply = "reply";
  const std::vector<ChatMessage> turn = {{"user", "question"}, {"assistant", reply}};
  std::string text;
  try {
    text = format.render_text(turn, {.add_generation_prompt = false});
  } catch (const Error&) {
    return std::nullopt;  // a template for other conversations than this one
  }
  if (text.find(reply) == std::string::npos) return std::nullopt;
  const std::string after =
      text.substr(std::min(text.rfind(reply), text.size() - reply.size()) + reply.size());
  const std::vector<int> ids = tokenizer.encode(after, {.allow_special = true});
  if (ids.empty() || !tokenizer.is_special(ids.front())) return std::nullopt;
  return ids.front();
}

std::vector<int> truncated(std::vector<int> ids, Truncate side, int room) {
  const std::ptrdiff_t excess = std::ssize(ids) - room;
  if (excess <= 0) return ids;
  if (side == Truncate::left) {
    ids.erase(ids.begin(), ids.begin() + excess);
  } else {
    ids.resize(static_cast<std::size_t>(room));
  }
  return ids;
}

}  // namespace unmask
