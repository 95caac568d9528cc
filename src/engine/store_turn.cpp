#include "engine/store_turn.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>

#include "base/interrupt.h"

namespace unmask {
namespace {

std::filesystem::path notes_of(const std::filesystem::path& path) {
  return path.string() + ".size";
}

[[noreturn]] void fail(const std::filesystem::path& path, int cause) {
  throw std::system_error(cause, std::generic_category(), display(path));
}

Descriptor open_notes(const std::filesystem::path& path) {
  Descriptor notes(::open(notes_of(path).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666));
  if (notes.get() < 0) fail(notes_of(path), errno);
  return notes;
}

void lock(const Descriptor& notes, const std::filesystem::path& path) {
  while (::flock(notes.get(), LOCK_EX) != 0) {
    if (errno != EINTR) fail(notes_of(path), errno);
    throw_if_interrupted();
  }
}

/// Nothing before the first turn.
std::optional<std::uint64_t> noted(const Descriptor& notes) {
  std::uint64_t size = 0;
  const bool is_there = ::pread(notes.get(), &size, sizeof size, 0) == sizeof size;
  return is_there ? std::optional(size) : std::nullopt;
}

std::uint64_t size_of(const std::filesystem::path& path) {
  std::error_code problem;
  const std::uintmax_t size = std::filesystem::file_size(path, problem);
  return problem ? 0 : size;
}

}  // namespace

StoreTurn::StoreTurn(const std::filesystem::path& path) : path_(path), notes_(open_notes(path)) {
  lock(notes_, path_);
  const auto whole = noted(notes_);
  const std::uint64_t size = size_of(path_);
  if (!whole && size > 0) {
    std::error_code ignored;
    std::filesystem::remove(notes_of(path_), ignored);
    throw Error(ErrorCode::usage, display(path_) + " is not the store of a run",
                "name a file that is not there yet");
  }
  if (whole && size > *whole) {
    std::error_code problem;
    std::filesystem::resize_file(path_, *whole, problem);
    if (problem) fail(path_, problem.value());
  }
  if (!whole || size < *whole) note(size);
}

void StoreTurn::end() const {
  const std::uint64_t size = size_of(path_);
  if (size != noted(notes_)) note(size);
}

void StoreTurn::note(std::uint64_t size) const {
  if (::pwrite(notes_.get(), &size, sizeof size, 0) != sizeof size) fail(notes_of(path_), errno);
}

void StoreTurn::remove_file(const std::filesystem::path& path) {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  std::filesystem::remove(notes_of(path), ignored);
}

}  // namespace unmask
