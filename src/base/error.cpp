#include "unmask/error.h"

#include <utility>

namespace unmask {

Error::Error(ErrorCode code, const std::string& message, std::string hint)
    : std::runtime_error(message), code_(code), hint_(std::move(hint)) {}

// Out of line: one home for the type information, so that an error thrown in the engine's
// library is caught by type in the executable.
Error::~Error() = default;

}  // namespace unmask
