// The text of a chat template, compared without running it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace unmask {

/// `jinja` with everything taken out that has no influence on what it renders, given `trim_blocks`
/// and `lstrip_blocks` as chat templates are rendered: spaces inside of tags but not inside of
/// strings, whitespace that the tags strip, comments, and whether a line break in a string is
/// written \n.
std::string canonical_template(std::string_view jinja);

/// A fingerprint of the canonical text (64-bit FNV-1a).
std::uint64_t template_fingerprint(std::string_view jinja);

}  // namespace unmask
