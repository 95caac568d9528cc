// A prompt, and what it is made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "text/chat_format.h"

namespace unmask {

/// One of the three: token ids, a conversation, or a text.
struct Prompt {
  std::optional<std::vector<int>> ids;
  std::vector<ChatMessage> messages;  ///< empty: `text` is the prompt
  std::string text;
};

/// The token ids in a JSON list.
std::vector<int> to_ids(const JsonField& list);

/// The messages in a JSON list of {"role","content"}.
std::vector<ChatMessage> to_messages(const JsonField& list);

/// `text`, checked: Error{usage} with the byte offset for invalid UTF-8, or where `lossy` replaced.
std::string checked_text(std::string text, std::string_view source, bool lossy);

}  // namespace unmask
