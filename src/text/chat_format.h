// How a conversation is laid out for a model. Checkpoints carry Jinja templates; those are programs
// from strangers and are never run. The known ones are recognised by their text and rendered here.
#pragma once

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
  bool thinking = true;        ///< false: Qwen3's `enable_thinking=false`; the others ignore it
  bool allow_special = false;  ///< parse special tokens in the messages too
};

class ChatFormat {
 public:
  /// What a built-in format is made of; see chat_templates.cpp.
  using Render = std::vector<ChatSegment> (*)(std::span<const ChatMessage>, const ChatOptions&,
                                              const std::string& bos_token);

  ChatFormat(std::string name, Render render, std::vector<std::string> tokens);

  const std::string& name() const { return name_; }

  /// The begin token of formats that have one; the built-in default is the family's own.
  void set_bos_token(std::string token) { bos_token_ = std::move(token); }

  /// Answers begin without thoughts, whatever the options say.
  void turn_thinking_off() { thinking_ = false; }

  /// Ids of the conversation. Scaffolding is encoded with special tokens on, messages with special
  /// tokens off, and text between two special tokens as one piece, as if the whole were one string.
  /// Error{checkpoint} when the tokenizer lacks a token that the format is built of; Error{usage}
  /// for a role that the format does not have, or no messages at all.
  std::vector<int> render_ids(const Tokenizer& tokenizer, std::span<const ChatMessage> messages,
                              const ChatOptions& options = {}) const;

  /// The same as text, as the template would have given it.
  std::string render_text(std::span<const ChatMessage> messages,
                          const ChatOptions& options = {}) const;

 private:
  std::string name_;
  Render render_;
  std::vector<std::string> tokens_;  // which the vocabulary must have
  std::string bos_token_;
  bool thinking_ = true;

  std::vector<ChatSegment> render(std::span<const ChatMessage> messages, ChatOptions options) const;
};

/// Names of the built-in formats, in the order of --help.
std::vector<std::string> chat_format_names();

/// The built-in format of that name (`--chat NAME`). Error{usage} lists the names.
ChatFormat chat_format(std::string_view name);

/// The format of a checkpoint, from `chat_template.jinja` or `chat_template` in
/// tokenizer_config.json; nullopt where it has none. Error{checkpoint} when its template is not
/// among those known here; the hint offers `--chat NAME` and `--raw`.
std::optional<ChatFormat> find_chat_format(const TokenizerFiles& files);

}  // namespace unmask
