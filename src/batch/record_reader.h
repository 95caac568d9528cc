// Goes through the records of an output file without holding a line of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "batch/recorded.h"

namespace unmask {

/// Looks whether one line is a JSON object on its own, byte by byte: brackets that add up, strings
/// that end, nothing between them that JSON has no use for. It is no parser, but two lines that
/// became one, a hole of null bytes and a line that is cut off do not pass.
class RecordCheck {
 public:
  void feed(std::string_view bytes);

  /// The record, or nothing where what was fed is none.
  std::optional<Record> finish() const;

 private:
  void take(char byte);

  std::string head_;  // the first bytes
  std::uint64_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool ended_ = false;  // the outermost bracket is closed
  bool sound_ = true;
};

class RecordReader {
 public:
  /// Reads from the beginning. `path` is for messages.
  RecordReader(int file, std::string path);

  /// The next record. Nothing at the end, and where an unfinished line is all that is left.
  /// Error{checkpoint} for a finished line that is no record, Error{failure} where it cannot be
  /// read.
  std::optional<Record> next();

  /// What has been read, once next() has given nothing.
  Extent extent() const { return {line_begin_, offset_ - line_begin_}; }

 private:
  bool fill();

  int file_;
  std::string path_;
  std::vector<char> buffer_;
  std::string_view rest_;         // of the buffer
  std::uint64_t offset_ = 0;      // in the file, of what comes after the buffer's taken part
  std::uint64_t line_begin_ = 0;  // offset of the line being read
  std::uint64_t lines_ = 0;
};

/// Opens an output file for reading; -1 where there is none. Error{failure}.
Descriptor open_records(const std::string& path);

}  // namespace unmask
