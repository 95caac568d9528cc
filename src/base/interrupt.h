// The one stop flag: set by a signal, looked at between denoising steps.
#pragma once

namespace unmask {

/// Asks everything that is running to stop at its next convenient point. Async-signal-safe.
void request_interrupt() noexcept;
bool interrupt_requested() noexcept;

/// Throws Error{interrupted} when a stop was asked for.
void throw_if_interrupted();

}  // namespace unmask
