// From a template's text to tokens, with the line breaks and blanks gone that tags take with them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "unmask/error.h"

namespace unmask::jinja {

struct Place {
  std::uint32_t line = 1, column = 1;  ///< from 1; columns in bytes
};

enum class TokenKind {
  text,
  output_begin,
  output_end,
  block_begin,
  block_end,
  name,
  string,
  integer,
  real,
  symbol,
  end
};

struct Token {
  TokenKind kind;
  Place at;
  std::string text;  ///< what a string means; otherwise what is written
};

/// Error{checkpoint}: "name:line:column: problem".
[[noreturn]] void fail_at(const std::string& name, Place at, const std::string& problem,
                          const std::string& hint = {});

/// As jinja2 with trim_blocks and lstrip_blocks. Line ends become \n, one at the very end is
/// dropped. The last token is `end`. Error{checkpoint} for what is no token.
std::vector<Token> tokenize(std::string_view text, const std::string& name);

}  // namespace unmask::jinja
