// From a template's text to a Program.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "text/jinja/ast.h"

namespace unmask::jinja {

/// Error{checkpoint} naming line and column for what jinja2 would not accept either, for what is
/// not supported here (include, import, extends, blocks, autoescape), and for what nests too
/// deeply.
std::unique_ptr<Program> parse(std::string_view text, const std::string& name,
                               const Limits& limits = {});

}  // namespace unmask::jinja
