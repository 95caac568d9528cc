#include "batch/lines.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/hash.h"
#include "base/interrupt.h"
#include "io/input.h"

namespace unmask {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 18;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

/// -1 for standard input.
Descriptor open_input(const std::string& path) {
  if (path == "-") return Descriptor(-1);
  while (true) {  // opening a FIFO waits for its writer, and a signal ends the wait
    throw_if_interrupted();
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (file.get() >= 0) return file;
    if (errno != EINTR) throw system_error(ErrorCode::failure, path, "read", errno);
  }
}

int number_of(const Descriptor& file) { return file.get() >= 0 ? file.get() : STDIN_FILENO; }

std::string name_of(const std::string& path) { return path == "-" ? "standard input" : path; }

/// Counts lines that are not blank, and hashes, as the bytes go by.
class Summarizer {
 public:
  void feed(std::string_view bytes) {
    summary_.bytes += bytes.size();
    if (summary_.bytes == bytes.size() && bytes.starts_with(kByteOrderMark)) {
      bytes.remove_prefix(kByteOrderMark.size());  // says nothing, as for LineReader
    }
    hash_ = fnv1a(bytes, hash_);
    for (const char byte : bytes) {
      if (byte == '\n') {
        end_line();
      } else if (byte != ' ' && byte != '\t' && byte != '\r') {
        blank_ = false;
      }
    }
  }

  InputSummary finish() {
    end_line();
    for (int shift = 60; shift >= 0; shift -= 4) {
      summary_.hash += "0123456789abcdef"[hash_ >> shift & 15];
    }
    return summary_;
  }

 private:
  void end_line() {
    if (!blank_) ++summary_.lines;
    blank_ = true;
  }

  InputSummary summary_;
  std::uint64_t hash_ = kFnvStart;
  bool blank_ = true;
};

}  // namespace

LineReader::LineReader(const std::string& path, std::uint64_t limit)
    : name_(name_of(path)), file_(open_input(path)), limit_(limit), buffer_(kBufferBytes) {}

bool LineReader::fill() {
  begin_ = 0;
  end_ = read_some(number_of(file_), name_, buffer_.data(), buffer_.size());
  return end_ > 0;
}

// Adds [begin, end) to the line, or counts it where there is too much already.
void LineReader::take(Line& line, const char* begin, const char* end) {
  const auto bytes = static_cast<std::uint64_t>(end - begin);
  if (line.too_long_bytes > 0) {
    line.too_long_bytes += bytes;
  } else if (line.text.size() + bytes > limit_) {
    line.too_long_bytes = line.text.size() + bytes;
    line.text = {};
  } else {
    line.text.append(begin, end);
  }
}

bool LineReader::read_line(Line& line) {
  bool any = false;
  while (begin_ < end_ || fill()) {
    any = true;
    const char* const begin = buffer_.data() + begin_;
    const char* const end = buffer_.data() + end_;
    const auto* const found =
        static_cast<const char*>(std::memchr(begin, '\n', static_cast<std::size_t>(end - begin)));
    take(line, begin, found != nullptr ? found : end);
    begin_ = found != nullptr ? static_cast<std::size_t>(found - buffer_.data()) + 1 : end_;
    if (found != nullptr) break;
  }
  if (any) line.number = ++number_;
  return any;
}

std::optional<Line> LineReader::next() {
  Line line;
  while (read_line(line)) {
    if (line.number == 1 && line.text.starts_with(kByteOrderMark)) {
      line.text.erase(0, kByteOrderMark.size());
    }
    if (line.text.ends_with('\r')) line.text.pop_back();
    if (line.too_long_bytes > 0 || !is_blank(line.text)) return line;
    line.text.clear();
  }
  return std::nullopt;
}

bool LineReader::is_ready() const {
  const auto first = buffer_.begin() + static_cast<std::ptrdiff_t>(begin_);
  const auto last = buffer_.begin() + static_cast<std::ptrdiff_t>(end_);
  if (std::find(first, last, '\n') != last) return true;
  pollfd input{.fd = number_of(file_), .events = POLLIN, .revents = 0};
  return ::poll(&input, 1, 0) > 0;
}

std::optional<InputSummary> summarize_input(const std::string& path) {
  struct stat status {};
  const bool known =
      path == "-" ? ::fstat(STDIN_FILENO, &status) == 0 : ::stat(path.c_str(), &status) == 0;
  if (known && !S_ISREG(status.st_mode)) return std::nullopt;
  const Descriptor file = open_input(path);  // says why a file is not there
  Summarizer summarizer;
  std::vector<char> buffer(kBufferBytes);
  // pread leaves standard input where it stands.
  off_t offset = path == "-" ? ::lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
  while (true) {
    throw_if_interrupted();
    const ssize_t got = ::pread(number_of(file), buffer.data(), buffer.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw system_error(ErrorCode::failure, name_of(path), "read", errno);
    if (got == 0) return summarizer.finish();
    summarizer.feed({buffer.data(), static_cast<std::size_t>(got)});
    offset += got;
  }
}

}  // namespace unmask
