// Files: read whole, mapped, and written so that a reader never sees half of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace unmask {

/// `path` for a message: control characters escaped.
std::string display(const std::filesystem::path& path);

/// A regular file mapped read-only into memory. Movable; the mapping ends with the object.
/// Whoever shortens the file while it is mapped makes reads beyond its new end raise SIGBUS: see
/// report_shrunken_mappings().
class MappedFile {
 public:
  /// Throws Error{checkpoint} when there is no regular file at `path`, Error{failure} when it
  /// cannot be opened or mapped for another reason (permissions). Never blocks on a FIFO or device.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  /// The same of a file that is read whole; Error{checkpoint} when it is larger than `limit` bytes.
  std::string_view text(std::uint64_t limit) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  const std::byte* data_ = nullptr;  // null for an empty file
  std::size_t size_ = 0;
};

/// Turns the SIGBUS of a mapped file that was shortened while in use into a message and exit code 3
/// (checkpoint). For main, once; nothing can be unwound from there. A SIGBUS of any other cause
/// keeps its default effect.
void report_shrunken_mappings();

/// The whole of a regular file; Error{checkpoint} when it is larger than `limit` bytes or not a
/// regular file, Error{failure} when it cannot be read.
std::string read_file(const std::filesystem::path& path, std::uint64_t limit);

/// Writes `content` beside `path`, then renames it into place, keeping the permissions of a file
/// that was there and writing through symbolic links. Something that is no regular file (a FIFO,
/// /dev/full) cannot be replaced and is written to directly. Error{failure} names the cause.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace unmask
