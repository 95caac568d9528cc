// Signals: the first one asks for a stop, the second one does not ask.
#pragma once

namespace unmask {

/// SIGINT, SIGTERM and SIGHUP set the stop flag of base/interrupt.h; a second one ends the process
/// at once with status 130. Those that are ignored (`nohup`, background jobs) stay so. SIGPIPE and
/// SIGXFSZ are ignored: a closed pipe and a limit on file sizes are seen where something is
/// written.
void install_signal_handlers();

/// Ends the process because of the signal that was received, so that the shell sees it: SIGINT by
/// its default effect (status 130 in the shell), the others by exit status 130.
[[noreturn]] void exit_by_signal();

}  // namespace unmask
