// The normalisation table inside a sentencepiece model: the size of a double-array trie, the trie,
// and the replacement strings that its values point to.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace unmask {

/// What is wrong with `charsmap`, or nullopt when no lookup can leave it, whatever the text.
/// Layout: a little-endian uint32 per trie unit, as in the Darts-clone library.
std::optional<std::string> charsmap_problem(std::string_view charsmap);

}  // namespace unmask
