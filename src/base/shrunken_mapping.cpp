// report_shrunken_mappings() of file.h.
#include <signal.h>
#include <unistd.h>

#include <string_view>

#include "base/file.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr std::string_view kMessage =
    "unmask: a file of the checkpoint was shortened while in use\n"
    "hint: start again once nothing writes to the checkpoint any more\n";

// BUS_ADRERR is what touching a page beyond the end of a mapped file gives. Only async-signal-safe
// calls here, and no return: the faulting read would be tried again for ever.
void on_bus_error(int signal, siginfo_t* info, void*) {
  if (info->si_code != BUS_ADRERR) {
    ::signal(signal, SIG_DFL);
    ::raise(signal);
    return;
  }
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage.data(), kMessage.size());
  ::_exit(static_cast<int>(ErrorCode::checkpoint));
}

}  // namespace

void report_shrunken_mappings() {
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace unmask
