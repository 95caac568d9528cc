#include "batch/report.h"

#include <array>
#include <ctime>

#include "base/values.h"
#include "io/status_line.h"

namespace unmask {
namespace {

std::string iso_time(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text.data(), length);
}

}  // namespace

std::string batch_summary(const BatchReport& report) {
  std::string text = std::to_string(report.lines) + (report.lines == 1 ? " line: " : " lines: ") +
                     std::to_string(report.done) + " done";
  if (report.skipped > 0) text += ", " + std::to_string(report.skipped) + " done before";
  if (report.failed_before > 0) text += " (" + std::to_string(report.failed_before) + " failed)";
  if (report.failed > 0) text += ", " + std::to_string(report.failed) + " failed";
  text += " in " + clock_text(report.seconds);
  if (report.done == 0) return text;
  return text + ", " + one_digit(rate(report.done, report.seconds)) + " lines/s, " +
         one_digit(rate(report.tokens, report.seconds)) + " tok/s";
}

OrderedJson report_json(const BatchReport& report) {
  return {{"schema", 1},
          {"lines", report.lines},
          {"done", report.done},
          {"failed", report.failed},
          {"skipped", report.skipped},
          {"failed_before", report.failed_before},
          {"prompt_tokens", report.prompt_tokens},
          {"tokens", report.tokens},
          {"forwards", report.forwards},
          {"load_s", report.load_seconds},
          {"seconds", report.seconds},
          {"lines_per_s", rate(report.done, report.seconds)},
          {"tokens_per_s", rate(report.tokens, report.seconds)},
          {"errors", report.errors},
          {"model", report.model},
          {"options", report.options},
          {"start", iso_time(report.start)},
          {"end", iso_time(report.end)}};
}

}  // namespace unmask
