// OpenAI's batch lines: what their fields mean here, and answers in their form.
// https://platform.openai.com/docs/api-reference/batch/request-input
#pragma once

#include "batch/item.h"
#include "session/result.h"

namespace unmask {

/// Whether a line is one of theirs.
bool is_openai_line(const Json& line);

/// Reads the endpoint and the body of a line; docs/batch.md has the table of its fields. What is
/// neither theirs nor an option of ours goes to `unknown`. Returns the model that the line names.
/// Error{usage} for what cannot be done here.
std::string read_openai_line(const BatchJob& job, const JsonField& line, BatchItem& item,
                             std::vector<std::string>& unknown);

/// The members "id", "custom_id", "response" and "error" of an answer. `created`: seconds since
/// 1970.
OrderedJson openai_answer(const BatchItem& item, const Plan& plan, const Answers& answers,
                          std::int64_t created);

}  // namespace unmask
