#include "engine/torch_errors.h"

#include <memory>
#include <string>

#include "base/log.h"

namespace unmask {
namespace {

class LogWarnings : public c10::WarningHandler {
 public:
  void process(const c10::Warning& warning) override { log::debug("libtorch: " + warning.msg()); }
};

}  // namespace

void route_torch_warnings() {
  static LogWarnings handler;
  c10::WarningUtils::set_warning_handler(&handler);
}

Error translate(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  // The CPU allocator has no exception type of its own.
  if (text.find("allocate memory") != std::string::npos) {
    return {ErrorCode::resource, "out of memory: " + text.substr(0, text.find('\n')),
            "try a shorter canvas or fewer drafts"};
  }
  return {ErrorCode::failure, "libtorch: " + text};
}

}  // namespace unmask
