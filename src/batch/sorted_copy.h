// Output files in any order, with several records of a line, become one in the order of the input.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace unmask {

/// Writes the records of `sources`, in the order of their lines, into a new file `target`: of each
/// line the first result, or the last error where there is no result. Takes 24 bytes of memory a
/// record; `records` is how many there are, as far as that is known. The target has the permissions
/// of the first source and is on disk when this returns.
/// Error{failure} where it cannot be written; it is removed then. Otherwise as scan_records().
void write_sorted(std::span<const std::string> sources, const std::string& target,
                  std::uint64_t records);

}  // namespace unmask
