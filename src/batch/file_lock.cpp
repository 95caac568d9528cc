#include "batch/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/log.h"

namespace unmask {
namespace {

/// "process 123", as the kernel's table of locks says; on another machine it says nothing.
std::string holder_of(int file) {
  struct stat status {};
  ::fstat(file, &status);
  const std::string inode = ":" + std::to_string(status.st_ino);
  std::ifstream table("/proc/locks");
  std::string row;
  while (std::getline(table, row)) {  // 1: FLOCK ADVISORY WRITE 123 fe:01:4711 0 EOF
    std::istringstream words(row);
    std::string number, kind, strictness, access, process, place;
    words >> number >> kind >> strictness >> access >> process >> place;
    const bool is_here = !process.starts_with('-') && process != "0";  // not in another container
    if (kind == "FLOCK" && place.ends_with(inode) && is_here) return "process " + process;
  }
  return "another process";
}

void lock(const Descriptor& file, const std::string& path) {
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return;
  const int problem = errno;
  if (problem == EWOULDBLOCK) {
    throw Error(ErrorCode::usage,
                display(path) + ": " + holder_of(file.get()) + " is writing this file",
                "wait until it is done, or give another file to --output");
  }
  log::warning(display(path) + ": cannot be locked here (" +
               std::generic_category().message(problem) +
               "); see to it that no other process writes it");
}

/// Whether `path` still names the file that was opened.
bool is_current(const Descriptor& file, const std::string& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(file.get(), &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

Descriptor open_locked(const std::string& path) {
  while (true) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666));
    if (file.get() < 0) throw system_error(ErrorCode::failure, path, "write", errno);
    lock(file, path);
    // The process that had the lock may have put a sorted file in its place.
    if (is_current(file, path)) return file;
  }
}

bool is_locked(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  return file.get() >= 0 && ::flock(file.get(), LOCK_SH | LOCK_NB) != 0;
}

}  // namespace unmask
