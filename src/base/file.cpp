#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/descriptor.h"
#include "base/utf8.h"

namespace unmask {
namespace {

std::string kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  return "not a regular file";
}

struct stat status_of(const Descriptor& file, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    throw system_error(ErrorCode::failure, path, "look at", errno);
  }
  return status;
}

struct OpenFile {
  Descriptor descriptor;
  std::uint64_t size;
};

// O_NONBLOCK: opening a FIFO that nobody writes to must not hang. Regular files do not care.
OpenFile open_regular(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) {
    const bool nothing_there = errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
                               errno == ENXIO || errno == ENODEV || errno == ENAMETOOLONG;
    throw system_error(nothing_there ? ErrorCode::checkpoint : ErrorCode::failure, path, "open",
                       errno);
  }
  const struct stat status = status_of(file, path);
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorCode::checkpoint,
                display(path) + ": is " + kind_of(status.st_mode) + ", expected a regular file");
  }
  return {std::move(file), static_cast<std::uint64_t>(status.st_size)};
}

Error too_large(const std::filesystem::path& path, std::uint64_t size, std::uint64_t limit) {
  constexpr std::uint64_t kMebibyte = 1U << 20;
  const bool whole = limit > 0 && limit % kMebibyte == 0;
  return Error(ErrorCode::checkpoint,
               display(path) + ": file is " + std::to_string(size) + " bytes, at most " +
                   (whole ? std::to_string(limit / kMebibyte) + " MiB" : std::to_string(limit)) +
                   " are accepted");
}

// One read(2), again when a signal came in between.
std::size_t read_piece(const Descriptor& file, char* to, std::size_t bytes,
                       const std::filesystem::path& path) {
  while (true) {
    const ssize_t got = ::read(file.get(), to, bytes);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw system_error(ErrorCode::failure, path, "read", errno);
  }
}

}  // namespace

std::string display(const std::filesystem::path& path) {
  constexpr std::size_t kLongest = 1000;
  return utf8::printable(path.native(), kLongest);
}

MappedFile::MappedFile(const std::filesystem::path& path) : path_(path) {
  const OpenFile file = open_regular(path);
  if (file.size == 0) return;  // mmap refuses an empty range
  void* const data = ::mmap(nullptr, file.size, PROT_READ, MAP_PRIVATE, file.descriptor.get(), 0);
  if (data == MAP_FAILED) throw system_error(ErrorCode::failure, path, "map", errno);
  data_ = static_cast<const std::byte*>(data);
  size_ = file.size;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

std::string_view MappedFile::text(std::uint64_t limit) const {
  if (size_ > limit) throw too_large(path_, size_, limit);
  return text();
}

std::string read_file(const std::filesystem::path& path, std::uint64_t limit) {
  const OpenFile file = open_regular(path);
  if (file.size > limit) throw too_large(path, file.size, limit);

  // One byte more than expected: files under /proc have size 0, and a file may grow meanwhile.
  std::string content(file.size + 1, '\0');
  std::size_t used = 0;
  while (const std::size_t got =
             read_piece(file.descriptor, content.data() + used, content.size() - used, path)) {
    used += got;
    if (used > limit) throw too_large(path, used, limit);
    if (used == content.size()) content.resize(content.size() * 2);
  }
  content.resize(used);
  return content;
}

}  // namespace unmask
