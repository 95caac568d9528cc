// Messages for a person, on stderr. The only door to spdlog, whose fmt cannot meet torch's.
#pragma once

#include <string_view>

namespace unmask::log {

enum class Level { error, warning, info, debug };

/// Messages less urgent than `level` are dropped. The default is `warning`.
void set_level(Level level);
bool enabled(Level level);

/// Writes one line "unmask: TEXT" ("unmask: warning: TEXT" for warnings) to stderr.
void error(std::string_view text);
void warning(std::string_view text);
void info(std::string_view text);   ///< shown with -v
void debug(std::string_view text);  ///< shown with -vv

}  // namespace unmask::log
