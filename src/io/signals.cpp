#include "io/signals.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>

#include "base/interrupt.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr int kInterrupted = static_cast<int>(ErrorCode::interrupted);

volatile sig_atomic_t received = 0;

extern "C" void on_signal(int signal) {
  if (received != 0) ::_exit(kInterrupted);
  received = signal;
  request_interrupt();
}

}  // namespace

void install_signal_handlers() {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  for (const int signal : {SIGPIPE, SIGXFSZ}) ::sigaction(signal, &ignore, nullptr);

  struct sigaction handle {};
  handle.sa_handler = on_signal;  // without SA_RESTART: a read that waits comes back
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &handle, nullptr);
  }
}

void exit_by_signal() {
  if (received == SIGINT) {
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    ::sigaction(SIGINT, &standard, nullptr);
    ::raise(SIGINT);
  }
  std::_Exit(kInterrupted);
}

}  // namespace unmask
