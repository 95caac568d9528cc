#include "text/chat_format.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/utf8.h"
#include "text/chat_templates.h"
#include "text/tokenizer_files.h"
#include "unmask/error.h"

namespace unmask {
namespace {

std::string joined_names() {
  std::string names;
  for (const std::string& name : chat_format_names()) names += (names.empty() ? "" : ", ") + name;
  return names;
}

std::string other_ways() {
  return "name the format it is closest to with --chat NAME (" + joined_names() +
         "), or send the prompt as it is with --raw";
}

// What goes wrong in a checkpoint's template, with the way out.
template <typename Action>
auto with_way_out(Action action) {
  try {
    return action();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::checkpoint || !error.hint().empty()) throw;
    throw Error(error.code(), error.what(), other_ways());
  }
}

std::string identity_of(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr int kShown = 8;
  std::string result;
  for (int i = 0; i < kShown; ++i) result += kDigits[fnv1a(text) >> (60 - 4 * i) & 15];
  return result;
}

const std::string* template_named(const TokenizerConfig& config, std::string_view wanted) {
  for (const auto& [name, text] : config.chat_templates) {
    if (name == wanted) return &text;
  }
  return nullptr;
}

// Where the conversation says nothing of that name.
void add_variable(Conversation& conversation, const std::string& name, const OrderedJson& value) {
  if (name == "tools" || name == "documents") {
    OrderedJson& own = name == "tools" ? conversation.tools : conversation.documents;
    if (own.is_null()) own = value;
    return;
  }
  if (name == "continue_final_message" && value.is_boolean()) {
    conversation.continue_final_message = value.get<bool>();
    return;
  }
  const auto& given = conversation.variables;
  const bool says = std::any_of(given.begin(), given.end(),
                                [&name](const auto& entry) { return entry.first == name; });
  if (!says) conversation.variables.emplace_back(name, value);
}

}  // namespace

ChatFormat::ChatFormat(std::string name, ChatTemplate chat_template,
                       std::vector<std::string> tokens)
    : name_(std::move(name)), template_(std::move(chat_template)), tokens_(std::move(tokens)) {}

void ChatFormat::check(std::span<const ChatMessage> messages) const {
  if (messages.empty()) throw Error(ErrorCode::usage, "a conversation needs at least one message");
  const bool own = tokens_.empty();  // a checkpoint's template knows roles of its own
  for (const ChatMessage& message : messages) {
    const std::string& role = message.role;
    const bool usual = role == "system" || role == "user" || role == "assistant";
    if (!usual && !(own && (role == "tool" || role == "developer"))) {
      throw Error(ErrorCode::usage, "a message has the role '" + utf8::printable(message.role) +
                                        "'; known are system, user and assistant");
    }
  }
}

std::vector<ChatSegment> ChatFormat::render(Conversation conversation) const {
  if (!conversation.bos_token && !bos_token_.empty()) conversation.bos_token = bos_token_;
  if (!conversation.eos_token && !eos_token_.empty()) conversation.eos_token = eos_token_;
  for (const auto& [name, value] : variables_) add_variable(conversation, name, value);
  if (!thinking_) add_variable(conversation, "enable_thinking", false);
  const bool has_tools = for_tools_ && !conversation.tools.is_null();
  return with_way_out(
      [&] { return (has_tools ? *for_tools_ : template_).render(conversation, local_now()); });
}

std::vector<ChatSegment> ChatFormat::render(std::span<const ChatMessage> messages,
                                            const ChatOptions& options) const {
  Conversation conversation;
  for (const ChatMessage& message : messages) {
    conversation.messages.push_back({{"role", message.role}, {"content", message.content}});
  }
  conversation.add_generation_prompt = options.add_generation_prompt;
  if (!options.thinking) conversation.variables.emplace_back("enable_thinking", false);
  return render(std::move(conversation));
}

std::vector<int> ChatFormat::render_ids(const Tokenizer& tokenizer,
                                        std::span<const ChatMessage> messages,
                                        const ChatOptions& options) const {
  check(messages);
  std::vector<std::string> needed = tokens_;
  if (!tokens_.empty() && !bos_token_.empty()) needed.push_back(bos_token_);
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
    if (format.name != name) continue;
    ChatFormat result(std::string(name),
                      ChatTemplate::parse(format.jinja, "chat format " + std::string(name)),
                      {format.tokens.begin(), format.tokens.end()});
    result.set_bos_token(std::string(format.bos_token));
    return result;
  }
  throw Error(ErrorCode::usage, "there is no chat format '" + utf8::printable(name) + "'",
              "known are " + joined_names());
}

std::optional<ChatFormat> find_chat_format(const TokenizerFiles& files) {
  const TokenizerConfig& config = files.config();
  if (config.chat_templates.empty()) return std::nullopt;
  const std::string* text = template_named(config, "default");
  if (text == nullptr) text = &config.chat_templates.front().second;
  return with_way_out([&] {
    ChatFormat result("own-" + identity_of(*text), ChatTemplate::parse(*text, "chat template"));
    if (const std::string* other = template_named(config, "tool_use")) {
      result.set_template_for_tools(ChatTemplate::parse(*other, "chat template tool_use"));
    }
    result.set_bos_token(config.bos_token);
    result.set_eos_token(config.eos_token);
    return result;
  });
}

}  // namespace unmask
