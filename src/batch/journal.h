// The output file of a batch, which is also the record of what is done: the lines that stand in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "base/json_text.h"
#include "batch/recorded.h"

namespace unmask {

/// What to do about an output file that is not empty.
enum class Existing {
  refuse,
  resume,         ///< keep what it holds, do the rest
  resume_failed,  ///< the same, and do the lines again that ended with an error
  overwrite,
};

/// Whether a Journal could be resumed there: a regular file, or none yet.
bool is_journal_file(const std::string& path);

/// Appends the results of a batch to a file such that a killed run loses none of them. Beside the
/// file lies OUT.unmask, its fingerprint: what it was made with. It stays after the run, because
/// --resume-failed needs it.
///
/// A FIFO, a device, "-" and /dev/stdout are written to without any of that.
class Journal {
 public:
  /// Says all that is wrong before any work is done, takes the lock and reads what is recorded.
  /// Changes nothing on disk but for creating an empty file. `input` is the file that must not be
  /// overwritten, "-" for standard input.
  /// Throws Error: {usage} where the file is there and `existing` is refuse, where it is the input,
  /// where another process writes it, or where there is nothing to resume from (a pipe);
  /// {checkpoint} where it is damaged before its last line; {failure} where it cannot be written.
  Journal(const std::string& path, const std::string& input, Existing existing);
  /// Removes the file again if it was created here and nothing came of it.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Whether a later run can go on from here; not for a pipe.
  bool resumable() const { return regular_; }

  /// The fingerprint of the run that is resumed. Nothing where a new one begins.
  const std::optional<OrderedJson>& previous() const { return previous_; }

  /// What this run is made with: an object with everything that decides what a line gets. Before
  /// the first append. Error{usage} lists what differs from the run that is resumed, unless
  /// `force`. Where there is no fingerprint beside a file with results, that is an error, too.
  void set_fingerprint(OrderedJson fingerprint, bool force);

  /// Whether the line needs no work: it has a record, which is no error under resume_failed. Parts
  /// beside the file count.
  bool is_done(std::uint64_t line) const;

  /// All that is recorded, in this file and the parts beside it when they were read last.
  const Recorded& recorded() const { return recorded_; }

  /// Reads the file and the parts again: other processes have written them.
  void look_again();

  /// Makes the file ready to append to: empties it, or cuts an unfinished last line with a warning,
  /// and writes the fingerprint. The first append does it, too.
  void prepare();

  /// Writes one record (recorded.h) without its line break. When it returns, the record survives
  /// the end of this process. On failure the file ends with its last complete line, and
  /// Error{failure} says how many are safe. OutputClosed where the reader of a pipe is gone.
  void append(std::uint64_t line, std::string_view json);

  /// Ends a complete run: takes in the parts beside the file, which are removed, leaves one record
  /// for each line and, unless `unordered`, puts them in the order of the input. Rewrites the file
  /// only if it has to, beside it, such that a kill loses nothing. Nothing can be appended after.
  /// Error{usage} where another process still writes a part; its journals must be closed before.
  void finish(bool unordered);

 private:
  void open_stream();
  void open_file(const std::string& input);
  void read_existing();
  void write_record(const std::string& text);
  void rewrite(const std::vector<std::string>& parts);
  Error unfinished(const Error& cause) const;

  std::string name_;  // as given: parts and fingerprint lie beside it
  std::string path_;  // of the file itself, links followed
  Existing existing_;
  bool regular_ = true;
  bool created_ = false;   // by this object
  bool prepared_ = false;  // to be appended to
  Descriptor file_{-1};
  Recorded recorded_;
  Extent extent_;
  std::optional<OrderedJson> previous_;
  OrderedJson fingerprint_;
};

}  // namespace unmask
