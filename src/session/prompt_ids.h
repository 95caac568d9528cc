// From the prompt as text to token ids: chat format, special tokens, truncation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "session/prompt.h"
#include "session/settings.h"
#include "text/chat_format.h"
#include "text/tokenizer.h"

namespace unmask {

/// The chat format to apply: --chat, else the checkpoint's own; nullopt with --raw or where there
/// is none. Error{usage} where --system, a variable for it or a conversation needs one. Answers
/// begin without thoughts where the template knows `enable_thinking` and nobody asks for them.
std::optional<ChatFormat> choose_chat_format(const PromptOptions& options, bool is_conversation,
                                             const TokenizerFiles& files);

/// Gives the format the variables of --template-arg.
void set_template_args(ChatFormat& format, const PromptOptions& options);

/// Ids of a text or a conversation. With --truncate a text is shortened until its ids are at most
/// `room` (0: no limit). Error{usage} for an empty text without --raw, and for a conversation
/// without a chat format.
std::vector<int> prompt_ids(const PromptOptions& options, const Prompt& prompt,
                            const Tokenizer& tokenizer, const std::optional<ChatFormat>& format,
                            int room);

/// The token with which a turn ends in this format, where it is one token.
std::optional<int> end_of_turn_id(const ChatFormat& format, const Tokenizer& tokenizer);

/// `ids` without what is too many for `room`, cut on `side`.
std::vector<int> truncated(std::vector<int> ids, Truncate side, int room);

}  // namespace unmask
