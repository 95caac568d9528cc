// Options that a line of a batch sets for itself.
#pragma once

#include <string>

#include "base/json.h"
#include "batch/options.h"

namespace unmask {

/// Sets option `key` ("top_p", "top-p") of one line of the job. False: there is no such option.
/// Error{usage} for one that can only be set for all lines, and for a value that does not fit.
bool set_line_option(const BatchJob& job, const std::string& key, const JsonField& value,
                     Settings& settings);

}  // namespace unmask
