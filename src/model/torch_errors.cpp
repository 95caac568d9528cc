#include "model/torch_errors.h"

#include <string>

#include "base/log.h"

namespace unmask {
namespace {

constexpr const char* kLess = "try a shorter canvas, fewer drafts or fewer requests at once";

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
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr ||
      text.find("allocate memory") != std::string::npos) {
    return {ErrorCode::resource, "out of memory: " + text.substr(0, text.find('\n')), kLess};
  }
  return {ErrorCode::failure, "libtorch: " + text};
}

Error translate(const std::bad_alloc&) { return {ErrorCode::resource, "out of memory", kLess}; }

}  // namespace unmask
