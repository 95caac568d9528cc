// What is typed as a prompt: words, -p, -f, standard input, {}, --messages and --ids.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cli/args.h"
#include "text/chat_format.h"

namespace unmask {

/// One of the three: token ids, a conversation, or a text.
struct Prompt {
  std::optional<std::vector<int>> ids;
  std::vector<ChatMessage> messages;  ///< empty: `text` is the prompt
  std::string text;
};

/// Whether a prompt was typed or standard input may hold one.
bool has_prompt(const Args& args);

/// The prompt that was typed. In a text the documents (standard input, then the files) come first,
/// a blank line between all parts, then the words or -p; where those have {}, the documents stand
/// there instead. The line break that ends a document's last line is not part of it.
/// Error{usage} for two kinds of prompt at once, for invalid UTF-8 and for too long an input.
Prompt read_prompt(const Args& args);

/// The token ids in a JSON list.
std::vector<int> to_ids(const JsonField& list);

/// The messages in a JSON list of {"role","content"}.
std::vector<ChatMessage> to_messages(const JsonField& list);

/// `text`, checked: Error{usage} with the byte offset for invalid UTF-8, or with --lossy replaced.
std::string checked_text(const Args& args, std::string text, std::string_view source);

/// A file, or standard input for "-", of at most --max-input bytes.
std::string read_input(const Args& args, const std::string& path);

}  // namespace unmask
