// The chat formats that are built in.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "text/chat_format.h"

namespace unmask {

struct BuiltInFormat {
  std::string_view name;
  ChatFormat::Render render;
  std::vector<std::string_view> tokens;     ///< that the vocabulary must have
  std::string_view bos_token;               ///< unless the checkpoint names another
  std::vector<std::uint64_t> fingerprints;  ///< of the templates that render so without tools
};

/// In the order of --help.
std::span<const BuiltInFormat> built_in_formats();

}  // namespace unmask
