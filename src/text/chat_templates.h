// The chat formats that are built in, as templates.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace unmask {

struct BuiltInFormat {
  std::string_view name;
  std::string jinja;
  std::vector<std::string_view> tokens;  ///< that the vocabulary must have
  std::string_view bos_token;            ///< unless the checkpoint names another
};

/// In the order of --help.
std::span<const BuiltInFormat> built_in_formats();

}  // namespace unmask
