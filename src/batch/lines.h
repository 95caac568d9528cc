// Input line by line: of any length, from a file, a pipe or standard input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"

namespace unmask {

/// Bytes of the longest line that is read.
inline constexpr std::uint64_t kLineLimit = std::uint64_t{16} << 20;

struct Line {
  std::uint64_t number = 0;  ///< from 1; blank lines count, too
  std::string text;          ///< without its line break
  /// How long the line is, where that is more than the limit; `text` is empty then. 0 otherwise.
  std::uint64_t too_long_bytes = 0;
};

/// Reads a file, or standard input where `path` is "-". Lines end with LF or CRLF, the last one
/// need not; a byte order mark before the first is dropped. Memory is that of the longest line.
class LineReader {
 public:
  /// Error{failure} when the file cannot be opened. Waits for the writer of a FIFO.
  explicit LineReader(const std::string& path, std::uint64_t limit = kLineLimit);

  /// The next line that holds more than spaces and tabs; nothing at the end. Error{failure} when
  /// it cannot be read, Error{interrupted} when a signal asks to stop.
  std::optional<Line> next();

  /// Whether next() has something to work on: a whole line, or bytes that need not be waited for.
  bool is_ready() const;

 private:
  bool fill();
  bool read_line(Line& line);
  void take(Line& line, const char* begin, const char* end);

  std::string name_;  // for messages
  Descriptor file_;   // -1: standard input, which is not ours to close
  std::uint64_t limit_;
  std::uint64_t number_ = 0;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // of what has not been taken yet
  std::size_t end_ = 0;
};

/// What a whole input is, from one fast pass.
struct InputSummary {
  std::uint64_t lines = 0;  ///< as many as a LineReader gives
  std::uint64_t bytes = 0;
  std::string hash;  ///< 64-bit FNV-1a of all bytes but a byte order mark, in 16 hexadecimal digits
};

/// Nothing where the input is no regular file: it could not be read again. Standard input ("-") is
/// left where it stands. The errors of LineReader.
std::optional<InputSummary> summarize_input(const std::string& path);

}  // namespace unmask
