// How a conversation is laid out for a model: by the checkpoint's own template, or a built-in one.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/chat_template.h"
#include "text/tokenizer.h"

namespace unmask {

struct ChatMessage {
  std::string role;     ///< "system", "user" or "assistant"
  std::string content;  ///< valid UTF-8; text only, never parsed for special tokens
};

struct ChatOptions {
  bool add_generation_prompt = true;  ///< end with the opening of the assistant's turn
  bool thinking = true;        ///< false: `enable_thinking` is false for templates that know it
  bool allow_special = false;  ///< parse special tokens in the messages too
};

class ChatFormat {
 public:
  /// `tokens`: which the vocabulary must have.
  ChatFormat(std::string name, ChatTemplate chat_template, std::vector<std::string> tokens = {});

  /// Of a built-in format its name; of a checkpoint's own "own-" and a fingerprint of its text.
  const std::string& name() const { return name_; }

  /// Those of the checkpoint; "" for none.
  void set_bos_token(std::string token) { bos_token_ = std::move(token); }
  void set_eos_token(std::string token) { eos_token_ = std::move(token); }

  /// The template to take in place of the first where there are tools.
  void set_template_for_tools(ChatTemplate other) { for_tools_ = std::move(other); }

  /// Answers begin without thoughts, whatever the options say.
  void turn_thinking_off() { thinking_ = false; }

  /// A variable for the template, for every conversation that has none of that name; "tools" and
  /// "documents" are the conversation's.
  void set_variable(std::string name, OrderedJson value) {
    variables_.insert_or_assign(std::move(name), std::move(value));
  }

  /// Whether the template reads a variable of that name.
  bool uses(std::string_view variable) const { return template_.uses(variable); }

  /// Ids of the conversation. Scaffolding is encoded with special tokens on, messages with special
  /// tokens off, and text between two special tokens as one piece, as if the whole were one string.
  /// Error{checkpoint} when the tokenizer lacks a token that the format is built of, or the
  /// template fails; Error{usage} for no messages at all, a role that a built-in format does not
  /// have, and what the template itself refuses.
  std::vector<int> render_ids(const Tokenizer& tokenizer, std::span<const ChatMessage> messages,
                              const ChatOptions& options = {}) const;

  /// The same as text, as the template gives it.
  std::string render_text(std::span<const ChatMessage> messages,
                          const ChatOptions& options = {}) const;

  /// The same of a conversation with all that a template may be given. Its begin and end tokens are
  /// the format's where it names none.
  std::vector<ChatSegment> render(Conversation conversation) const;

 private:
  std::vector<ChatSegment> render(std::span<const ChatMessage> messages,
                                  const ChatOptions& options) const;
  void check(std::span<const ChatMessage> messages) const;

  std::string name_;
  ChatTemplate template_;
  std::optional<ChatTemplate> for_tools_;
  std::vector<std::string> tokens_;
  std::string bos_token_, eos_token_;
  std::map<std::string, OrderedJson> variables_;
  bool thinking_ = true;
};

/// Names of the built-in formats, in the order of --help.
std::vector<std::string> chat_format_names();

/// The built-in format of that name (`--chat NAME`). Error{usage} lists the names.
ChatFormat chat_format(std::string_view name);

/// The format of a checkpoint, from `chat_template.jinja` or `chat_template` in
/// tokenizer_config.json; nullopt where it has none. Of several templates, "default" is taken, and
/// "tool_use" where there are tools. Error{checkpoint} when it is no template; the hint offers
/// `--chat NAME` and `--raw`.
std::optional<ChatFormat> find_chat_format(const TokenizerFiles& files);

}  // namespace unmask
