// What is typed as a prompt: words, -p, -f, standard input, {}, --messages and --ids.
#pragma once

#include <string>

#include "cli/args.h"
#include "session/prompt.h"

namespace unmask {

/// Whether a prompt was typed or standard input may hold one.
bool has_prompt(const Args& args);

/// The prompt that was typed. In a text the documents (standard input, then the files) come first,
/// a blank line between all parts, then the words or -p; where those have {}, the documents stand
/// there instead. The line break that ends a document's last line is not part of it.
/// Error{usage} for two kinds of prompt at once, for invalid UTF-8 and for too long an input.
Prompt read_prompt(const Args& args);

/// A file, or standard input for "-", of at most --max-input bytes.
std::string read_input(const Args& args, const std::string& path);

}  // namespace unmask
