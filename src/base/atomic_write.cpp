// write_file_atomically() of file.h.
#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <cstdio>

#include "base/descriptor.h"
#include "base/file.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;

Error cannot(const std::string& action, const fs::path& path) {
  return system_error(ErrorCode::failure, path, action, errno);
}

void write_to_disk(const Descriptor& file, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw cannot("write", path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Network file systems report a full disk only here.
void close_checked(Descriptor file, const fs::path& path) {
  if (::close(file.release()) != 0) throw cannot("write", path);
}

void write_in_place(const fs::path& path, std::string_view content) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0) throw cannot("write", path);
  write_to_disk(file, content, path);
  close_checked(std::move(file), path);
}

// A new file beside `target`, removed again unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target) : target_(target), file_(create()) {}
  ~TemporaryFile() {
    if (!renamed_) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const Descriptor& descriptor() const { return file_; }

  void move_to_target() {
    if (::fsync(file_.get()) != 0) throw cannot("write", target_);
    close_checked(std::move(file_), target_);
    if (::rename(path_.c_str(), target_.c_str()) != 0) throw cannot("write", target_);
    renamed_ = true;
  }

 private:
  Descriptor create() {
    static std::atomic<unsigned> counter = 0;
    const std::string prefix = ".unmask-" + std::to_string(::getpid()) + "-";
    while (true) {  // a killed process with our id may have left its file here
      path_ = target_.parent_path() / (prefix + std::to_string(counter++));
      Descriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
      if (file.get() >= 0) return file;
      if (errno != EEXIST) throw cannot("write", target_);
    }
  }

  fs::path target_;
  fs::path path_;
  Descriptor file_;
  bool renamed_ = false;
};

}  // namespace

void write_file_atomically(const fs::path& path, std::string_view content) {
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) return write_in_place(path, content);
  // Renaming asks only for a writable folder; a file that was made read-only stays as it is.
  if (exists && ::access(path.c_str(), W_OK) != 0) throw cannot("write", path);

  std::error_code unresolved;
  const fs::path resolved = exists ? fs::canonical(path, unresolved) : path;
  TemporaryFile temporary(unresolved ? path : resolved);
  if (exists && ::fchmod(temporary.descriptor().get(), status.st_mode & 0777) != 0) {
    throw cannot("write", path);
  }
  write_to_disk(temporary.descriptor(), content, path);
  temporary.move_to_target();
}

}  // namespace unmask
