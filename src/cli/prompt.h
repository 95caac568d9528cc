// The prompt as text: words, -p, -f, standard input, {} and --messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/args.h"
#include "text/chat_format.h"

namespace unmask {

/// Whether a prompt was typed or standard input may hold one.
bool has_prompt(const Args& args);

/// The text prompt. Documents (standard input, then the files) come first, a blank line between all
/// parts, then the words or -p; where those have {}, the documents stand there instead. The line
/// break that ends a document's last line is not part of it. Error{usage} for two kinds of prompt
/// at once, for invalid UTF-8 and for too long an input.
std::string read_prompt(const Args& args);

/// The messages of --messages: a JSON list of {"role","content"}, or an object with such a
/// "messages".
std::vector<ChatMessage> read_messages(const Args& args);

/// `text`, checked: Error{usage} with the byte offset for invalid UTF-8, or with --lossy replaced.
std::string checked_text(const Args& args, std::string text, std::string_view source);

/// A file, or standard input for "-", of at most --max-input bytes.
std::string read_input(const Args& args, const std::string& path);

}  // namespace unmask
