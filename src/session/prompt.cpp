#include "session/prompt.h"

#include <limits>

#include "base/utf8.h"

namespace unmask {

std::vector<int> to_ids(const JsonField& list) {
  std::vector<int> ids;
  for (std::size_t i = 0; i < list.size(); ++i) {
    ids.push_back(static_cast<int>(list.at(i).integer(0, std::numeric_limits<int>::max())));
  }
  return ids;
}

std::vector<ChatMessage> to_messages(const JsonField& list) {
  std::vector<ChatMessage> messages;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const JsonField message = list.at(i);
    messages.push_back({message.at("role").text(), message.at("content").text()});
  }
  if (messages.empty()) throw list.error("holds no messages");
  return messages;
}

std::string checked_text(std::string text, std::string_view source, bool lossy) {
  const auto invalid = utf8::first_invalid(text);
  if (!invalid) return text;
  if (lossy) return utf8::replace_invalid(text);
  throw Error(ErrorCode::usage,
              std::string(source) + ": byte " + std::to_string(*invalid) + " is not valid UTF-8",
              "--lossy replaces what is invalid by U+FFFD");
}

}  // namespace unmask
