#include "io/output.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "base/descriptor.h"
#include "base/file.h"
#include "io/terminal.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;

void check_writable(const fs::path& path) {
  std::error_code problem;
  if (fs::is_directory(path, problem)) {
    throw system_error(ErrorCode::failure, path, "write", EISDIR);
  }
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const bool exists = fs::exists(path, problem);
  const bool replaced = !exists || fs::is_regular_file(path, problem);
  // A regular file is replaced by renaming, which needs its folder; anything else is written to.
  const fs::path& needed = replaced ? folder : path;
  const int mode = replaced ? W_OK | X_OK : W_OK;
  if (::access(needed.c_str(), mode) != 0) {
    throw system_error(ErrorCode::failure, path, "write", errno);
  }
}

}  // namespace

Output::Output(const std::optional<std::string>& path) {
  if (!path || *path == "-") return;
  if (path->empty()) throw Error(ErrorCode::usage, "--output is empty; it takes a file name");
  check_writable(*path);
  file_ = *path;
}

bool Output::is_terminal() const { return !file_ && unmask::is_terminal(StandardStream::output); }

void Output::write(std::string_view content) const {
  if (is_terminal()) {
    write_verbatim(visible_controls(content));
  } else {
    write_verbatim(content);
  }
}

void Output::write_verbatim(std::string_view content) const {
  if (file_) {
    write_file_atomically(*file_, content);
  } else {
    write_all(STDOUT_FILENO, content, "standard output");
  }
}

void write_all(int descriptor, std::string_view content, const std::string& what) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written >= 0) {
      content.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      throw OutputClosed{};
    } else if (errno == EAGAIN) {  // somebody made it non-blocking
      pollfd ready{descriptor, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      throw system_error(ErrorCode::failure, what, "write", errno);
    }
  }
}

void write_stderr(std::string_view text) noexcept {
  try {
    write_all(STDERR_FILENO, text, "standard error");
  } catch (...) {  // closed or full: there is nobody to tell
  }
}

}  // namespace unmask
