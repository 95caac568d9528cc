// What the output file of a batch holds already.
//
// One JSON object a line, written without spaces, that begins {"line":N, with the number of the
// input line, from 1. Where that line failed it goes on "error": (with anything but null); in a
// result "error" is not the second key, or null.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batch/line_set.h"

namespace unmask {

/// One line of an output file.
struct Record {
  std::uint64_t line = 0;    ///< of the input
  bool failed = false;       ///< it is an error
  std::uint64_t offset = 0;  ///< of its first byte in the file
  std::uint64_t bytes = 0;   ///< with the line break
};

/// The beginning of a record, or nothing where it is none. `offset` and `bytes` are left 0.
std::optional<Record> read_record_head(std::string_view text);

/// Which input lines have a record. A line may have several: after --resume-failed, or when two
/// processes have done it. A result counts more than an error then.
struct Recorded {
  LineSet good;               ///< lines with a result
  LineSet failed;             ///< lines with nothing but an error
  std::uint64_t records = 0;  ///< several of one line included
  bool sorted = true;         ///< each record is of a later line than the one before
  std::uint64_t last = 0;     ///< line of the last record

  void add(std::uint64_t line, bool is_failure);
  bool contains(std::uint64_t line) const { return good.contains(line) || failed.contains(line); }
  std::uint64_t lines() const { return good.size() + failed.size(); }
};

/// Where the records of a file end, and how many bytes of an unfinished line follow.
struct Extent {
  std::uint64_t records_end = 0;
  std::uint64_t tail = 0;
};

/// Adds the records of one file, which may be absent. Changes nothing on disk; memory does not grow
/// with the length of the lines. Error{checkpoint} names the first line that is no record,
/// Error{failure} says why the file cannot be read.
Extent scan_records(const std::string& path, Recorded& into);

/// The part files of a run on several machines that are there, OUT.part-RANK, by rank.
std::vector<std::string> find_parts(const std::string& out);
std::string part_name(const std::string& out, int rank);

/// The records of OUT and all of its parts, as they are now; other processes may be appending.
Recorded scan_output(const std::string& out);

}  // namespace unmask
