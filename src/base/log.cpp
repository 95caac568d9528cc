// The only source file that may include spdlog: its fmt and the one inside torch clash.
#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <string>

namespace unmask::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::error:
      return spdlog::level::err;
    case Level::warning:
      return spdlog::level::warn;
    case Level::info:
      return spdlog::level::info;
    case Level::debug:
      return spdlog::level::debug;
  }
  return spdlog::level::err;
}

// Never destroyed, so that destructors of other statics may still log.
spdlog::logger& logger() {
  static spdlog::logger* const instance = [] {
    auto* made = new spdlog::logger("unmask", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("unmask: %v");
    made->set_level(spdlog::level::warn);
    made->flush_on(spdlog::level::trace);
    // A closed or full stderr must not become a failure of the command.
    made->set_error_handler([](const std::string&) {});
    return made;
  }();
  return *instance;
}

spdlog::string_view_t view(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

void set_level(Level level) { logger().set_level(to_spdlog(level)); }

bool enabled(Level level) { return logger().should_log(to_spdlog(level)); }

void error(std::string_view text) { logger().log(spdlog::level::err, view(text)); }

void warning(std::string_view text) {
  if (enabled(Level::warning)) {
    logger().log(spdlog::level::warn, view("warning: " + std::string(text)));
  }
}

void info(std::string_view text) { logger().log(spdlog::level::info, view(text)); }

void debug(std::string_view text) { logger().log(spdlog::level::debug, view(text)); }

}  // namespace unmask::log
