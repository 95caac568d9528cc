// What decides what the lines of a batch get: written beside its output, compared on resuming.
#pragma once

#include <cstdint>
#include <optional>

#include "base/json_text.h"
#include "batch/lines.h"
#include "batch/options.h"
#include "session/setup.h"

namespace unmask {

/// An object whose values can be compared and shown, made of the tables of settings and options:
/// every setting that decides an answer, what the resolved ones come to for this model, the seed
/// and the input ("a pipe" where it is no file).
OrderedJson fingerprint(const BatchJob& job, const Setup& setup, std::uint64_t seed,
                        const std::optional<InputSummary>& input);

}  // namespace unmask
