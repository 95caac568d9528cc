#include "io/trace.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <span>

#include "io/output.h"

namespace unmask {
namespace {

constexpr std::size_t kFlushBytes = 1 << 16;

template <class Number>
void append_number(std::string& line, Number number) {
  std::array<char, 32> digits{};
  const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  line.append(digits.data(), end);
}

template <class Number>
void append_array(std::string& line, std::string_view key, std::span<const Number> numbers) {
  line.append(",\"").append(key).append("\":[");
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) line += ',';
    append_number(line, numbers[i]);
  }
  line += ']';
}

int create(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) throw system_error(ErrorCode::failure, path, "write", errno);
  return file;
}

}  // namespace

Trace::Trace(const std::string& path, std::string_view header, bool several_drafts)
    : path_(path), file_(create(path)), several_drafts_(several_drafts), pending_(header) {
  pending_ += '\n';
  flush();
}

void Trace::on_step(const StepEvent& event) {
  if (event.committed.empty() && event.revised.empty()) return;
  pending_ += "{\"step\":";
  append_number(pending_, event.step);
  pending_ += ",\"block\":";
  append_number(pending_, event.block);
  if (several_drafts_) {
    pending_ += ",\"draft\":";
    append_number(pending_, event.request);
  }
  append_array(pending_, "ids", event.canvas);
  append_array(pending_, "committed", event.committed);
  append_array(pending_, "revised", event.revised);
  append_array(pending_, "confidence", event.confidence);
  pending_ += "}\n";
  if (pending_.size() >= kFlushBytes) flush();
}

void Trace::finish() { flush(); }

void Trace::flush() {
  try {
    write_all(file_.get(), pending_, path_);
  } catch (const OutputClosed&) {  // the answer does not go there: no reason to end quietly
    throw system_error(ErrorCode::failure, path_, "write", EPIPE);
  }
  pending_.clear();
}

}  // namespace unmask
