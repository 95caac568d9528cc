#include "batch/record_reader.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "base/interrupt.h"

namespace unmask {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 18;
constexpr std::string_view kHead = "{\"line\":";
constexpr std::string_view kError = ",\"error\":";
constexpr std::string_view kNull = "null";
constexpr std::size_t kHeadBytes = kHead.size() + 20 + kError.size() + kNull.size();
constexpr std::uint64_t kDepth = 64;

/// Bytes of numbers, of true, false and null, and what separates them. No space is written.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (const char byte : std::string_view("0123456789+-.eEtrufalsn,:")) {
    plain.at(static_cast<unsigned char>(byte)) = true;
  }
  return plain;
}();

}  // namespace

std::optional<Record> read_record_head(std::string_view text) {
  if (!text.starts_with(kHead)) return std::nullopt;
  text.remove_prefix(kHead.size());
  Record record;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), record.line);
  if (problem != std::errc{} || record.line == 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with(',') && text != "}") return std::nullopt;
  record.failed = text.starts_with(kError) && !text.substr(kError.size()).starts_with(kNull);
  return record;
}

void RecordCheck::feed(std::string_view bytes) {
  head_ += bytes.substr(0, kHeadBytes - std::min(kHeadBytes, head_.size()));
  for (const char byte : bytes) take(byte);
}

void RecordCheck::take(char byte) {
  if (in_string_) {
    if (static_cast<unsigned char>(byte) < 0x20) sound_ = false;
    in_string_ = escaped_ || byte != '"';
    escaped_ = !escaped_ && byte == '\\';
  } else if (ended_) {
    sound_ = false;
  } else if (byte == '"') {
    in_string_ = true;
  } else if (byte == '{' || byte == '[') {
    if (++depth_ > kDepth) sound_ = false;
  } else if (byte == '}' || byte == ']') {
    ended_ = --depth_ == 0;
  } else if (!kPlain[static_cast<unsigned char>(byte)]) {
    sound_ = false;
  }
}

std::optional<Record> RecordCheck::finish() const {
  if (!sound_ || !ended_) return std::nullopt;
  return read_record_head(head_);
}

RecordReader::RecordReader(int file, std::string path)
    : file_(file), path_(std::move(path)), buffer_(kBufferBytes) {}

bool RecordReader::fill() {
  while (true) {
    throw_if_interrupted();
    const ssize_t got = ::pread(file_, buffer_.data(), buffer_.size(), static_cast<off_t>(offset_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw system_error(ErrorCode::failure, path_, "read", errno);
    rest_ = {buffer_.data(), static_cast<std::size_t>(got)};
    return got > 0;
  }
}

std::optional<Record> RecordReader::next() {
  RecordCheck check;
  line_begin_ = offset_;
  while (!rest_.empty() || fill()) {
    const std::size_t end = rest_.find('\n');
    const std::string_view piece = rest_.substr(0, end);
    check.feed(piece);
    const std::size_t taken = piece.size() + (end == std::string_view::npos ? 0 : 1);
    rest_.remove_prefix(taken);
    offset_ += taken;
    if (end == std::string_view::npos) continue;
    ++lines_;
    std::optional<Record> record = check.finish();
    if (!record) {
      throw Error(ErrorCode::checkpoint,
                  display(path_) + ": line " + std::to_string(lines_) +
                      " is damaged: it is no result of a batch",
                  "remove that line, then --resume does it again; --overwrite begins anew");
    }
    record->offset = line_begin_;
    record->bytes = offset_ - line_begin_;
    return record;
  }
  return std::nullopt;
}

Descriptor open_records(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (file.get() < 0 && errno != ENOENT) {
    throw system_error(ErrorCode::failure, path, "read", errno);
  }
  return file;
}

}  // namespace unmask
