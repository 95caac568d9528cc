// Lines of a batch's output.
#pragma once

#include <cstdint>
#include <string>

#include "batch/item.h"
#include "session/result.h"

namespace unmask {

/// {"line", "id", ...} with the object that --json prints, or one for each draft in "drafts". Lines
/// of OpenAI's get an answer of theirs. `created`: seconds since 1970.
OrderedJson answer_json(const BatchItem& item, const Plan& plan, const Answers& answers,
                        std::int64_t created);

/// {"line", "error": {"code", "message", "hint", "column"}, "id"}; hint and column where there are.
OrderedJson error_json(const BatchItem& item, const Error& error);

/// "usage", "checkpoint", "resource" or "failure".
std::string error_code(const Error& error);

}  // namespace unmask
