// unmask: what was typed -> what will happen -> done. Every error ends here.
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "cli/args.h"
#include "cli/command.h"
#include "io/input.h"
#include "io/output.h"
#include "io/signals.h"
#include "io/terminal.h"
#include "unmask/error.h"

namespace unmask {
namespace {

// Messages quote what was typed or read, which may hold anything.
void report(const std::string& message, const std::string& hint) {
  log::error(visible_controls(hint.empty() ? message : message + "\n  " + hint));
}

int run_and_report(const std::vector<std::string>& arguments) {
  try {
    return run(parse_args(arguments));
  } catch (const OutputClosed&) {
    return 0;
  } catch (const Error& error) {
    report(error.what(), error.hint());
    if (error.code() == ErrorCode::interrupted) exit_by_signal();
    return static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    report("out of memory", "try fewer tokens, fewer drafts or a smaller model");
    return static_cast<int>(ErrorCode::resource);
  } catch (const std::exception& error) {
    report(std::string("internal error: ") + error.what(), "");
    return static_cast<int>(ErrorCode::failure);
  }
}

}  // namespace
}  // namespace unmask

int main(int argc, char** argv) {
  unmask::reopen_closed_streams();
  unmask::install_signal_handlers();
  unmask::report_shrunken_mappings();
  return unmask::run_and_report(std::vector<std::string>(argv + 1, argv + argc));
}
