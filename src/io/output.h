// Where the result goes: standard output or a file. Every write is checked.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace unmask {

/// Nobody reads our output any more (`| head`). Not an error: the command ends quietly.
struct OutputClosed {};

class Output {
 public:
  /// Standard output where `path` is empty or "-". A file is looked at right away, so that a folder
  /// that cannot be written to is known before any work is done: Error{failure}.
  explicit Output(const std::optional<std::string>& path);

  /// Whether `write` shows its text to a person.
  bool is_terminal() const;

  /// Writes all of the result. A file gets it atomically; a terminal gets control characters as
  /// visible symbols; anything else gets the bytes. Error{failure} when it cannot be written,
  /// OutputClosed when its reader is gone.
  void write(std::string_view content) const;

  /// The same for text of our own, whose colours a terminal is meant to obey.
  void write_verbatim(std::string_view content) const;

 private:
  std::optional<std::filesystem::path> file_;
};

/// Writes to a descriptor until all is written. Error{failure} names `what`; OutputClosed on EPIPE.
void write_all(int descriptor, std::string_view content, const std::string& what);

/// Writes to standard error. What is said there is never worth a failure.
void write_stderr(std::string_view text) noexcept;

}  // namespace unmask
