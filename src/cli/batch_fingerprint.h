// What decides what the lines of a batch get: written beside its output, compared on resuming.
#pragma once

#include <optional>

#include "cli/result.h"
#include "cli/setup.h"
#include "io/lines.h"

namespace unmask {

/// An object of few members whose values can be compared and shown: model, options, flags, seed and
/// input ("a pipe" where it is no file).
OrderedJson fingerprint(const Args& args, const Setup& setup, std::uint64_t seed,
                        const std::optional<InputSummary>& input);

}  // namespace unmask
