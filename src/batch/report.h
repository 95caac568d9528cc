// What a batch came to: the line at its end, and the file of --report.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/json_text.h"

namespace unmask {

struct BatchReport {
  std::uint64_t lines = 0;          ///< of the input, blank ones left out
  std::uint64_t done = 0;           ///< answered in this run
  std::uint64_t failed = 0;         ///< ended with an error in this run
  std::uint64_t skipped = 0;        ///< done by an earlier run
  std::uint64_t failed_before = 0;  ///< those of the skipped that ended with an error
  std::uint64_t prompt_tokens = 0;
  std::uint64_t tokens = 0;  ///< generated, up to the end token
  std::uint64_t forwards = 0;
  double load_seconds = 0;
  double seconds = 0;                           ///< from the first line to the last result
  std::map<std::string, std::uint64_t> errors;  ///< how many of each kind
  OrderedJson model, options;
  std::chrono::system_clock::time_point start, end;
};

/// "1000 lines: 998 done, 2 failed in 1:13, 13.7 lines/s, 3120 tok/s"
std::string batch_summary(const BatchReport& report);

/// The object of --report: counts, rates, error kinds, model, options, start and end in UTC
/// (ISO 8601).
OrderedJson report_json(const BatchReport& report);

}  // namespace unmask
