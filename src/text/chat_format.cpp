#include "text/chat_format.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "text/chat_templates.h"
#include "text/jinja_text.h"
#include "text/tokenizer_files.h"
#include "unmask/error.h"

namespace unmask {
namespace {

ChatFormat make_format(const BuiltInFormat& format) {
  ChatFormat result(std::string(format.name), format.render,
                    {format.tokens.begin(), format.tokens.end()});
  result.set_bos_token(std::string(format.bos_token));
  return result;
}

std::string joined_names() {
  std::string names;
  for (const std::string& name : chat_format_names()) names += (names.empty() ? "" : ", ") + name;
  return names;
}

void check(std::span<const ChatMessage> messages) {
  if (messages.empty()) throw Error(ErrorCode::usage, "a conversation needs at least one message");
  for (const ChatMessage& message : messages) {
    if (message.role != "system" && message.role != "user" && message.role != "assistant") {
      throw Error(ErrorCode::usage, "a message has the role '" + utf8::printable(message.role) +
                                        "'; known are system, user and assistant");
    }
  }
}

// The text of the template that is meant when nobody asks for another.
const std::string& default_template(const TokenizerConfig& config) {
  for (const auto& [name, text] : config.chat_templates) {
    if (name == "default") return text;
  }
  return config.chat_templates.front().second;
}

}  // namespace

ChatFormat::ChatFormat(std::string name, Render render, std::vector<std::string> tokens)
    : name_(std::move(name)), render_(render), tokens_(std::move(tokens)) {}

std::vector<ChatSegment> ChatFormat::render(std::span<const ChatMessage> messages,
                                            ChatOptions options) const {
  options.thinking = options.thinking && thinking_;
  return render_(messages, options, bos_token_);
}

std::vector<int> ChatFormat::render_ids(const Tokenizer& tokenizer,
                                        std::span<const ChatMessage> messages,
                                        const ChatOptions& options) const {
  check(messages);
  std::vector<std::string> needed = tokens_;
  if (!bos_token_.empty()) needed.push_back(bos_token_);
  for (const std::string& token : needed) {
    if (tokenizer.token_id(token)) continue;
    throw Error(ErrorCode::checkpoint,
                "chat format '" + name_ + "' needs the token " + utf8::printable(token) +
                    ", which this tokenizer does not have",
                "choose another with --chat NAME, or send the prompt as it is with --raw");
  }
  const auto segments = render(messages, options);
  std::vector<TextSpan> spans;
  for (const ChatSegment& segment : segments) {
    spans.push_back({segment.text, segment.scaffold || options.allow_special});
  }
  return tokenizer.encode_spans(spans);
}

std::string ChatFormat::render_text(std::span<const ChatMessage> messages,
                                    const ChatOptions& options) const {
  check(messages);
  std::string text;
  for (const ChatSegment& segment : render(messages, options)) text += segment.text;
  return text;
}

std::vector<std::string> chat_format_names() {
  std::vector<std::string> names;
  for (const BuiltInFormat& format : built_in_formats()) names.emplace_back(format.name);
  return names;
}

ChatFormat chat_format(std::string_view name) {
  for (const BuiltInFormat& format : built_in_formats()) {
    if (format.name == name) return make_format(format);
  }
  throw Error(ErrorCode::usage, "there is no chat format '" + utf8::printable(name) + "'",
              "known are " + joined_names());
}

std::optional<ChatFormat> find_chat_format(const TokenizerFiles& files) {
  const TokenizerConfig& config = files.config();
  if (config.chat_templates.empty()) return std::nullopt;
  const std::uint64_t fingerprint = template_fingerprint(default_template(config));
  for (const BuiltInFormat& format : built_in_formats()) {
    const auto& known = format.fingerprints;
    if (std::find(known.begin(), known.end(), fingerprint) == known.end()) continue;
    ChatFormat result = make_format(format);
    // Only formats that begin with a token have one to be replaced.
    if (!format.bos_token.empty() && !config.bos_token.empty()) {
      result.set_bos_token(config.bos_token);
    }
    return result;
  }
  throw Error(ErrorCode::checkpoint, "the chat template of " + files.where() + " is not known here",
              "name the format it is closest to with --chat NAME (" + joined_names() +
                  "), or send the prompt as it is with --raw");
}

}  // namespace unmask
