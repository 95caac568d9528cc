#include "io/input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/descriptor.h"
#include "base/interrupt.h"
#include "io/output.h"

namespace unmask {
namespace {

constexpr int kSilenceMilliseconds = 2000;

/// True once there is something to read, or the end, or a signal.
bool wait_for_input(int descriptor, int milliseconds) {
  pollfd ready{descriptor, POLLIN, 0};
  return ::poll(&ready, 1, milliseconds) != 0;
}

std::string read_all(int descriptor, const std::string& name, std::uint64_t limit) {
  std::string text;
  std::array<char, 1 << 16> buffer{};
  while (const std::size_t got = read_some(descriptor, name, buffer.data(), buffer.size())) {
    text.append(buffer.data(), got);
    if (text.size() > limit) {
      throw Error(ErrorCode::usage,
                  display(name) + " is longer than " + std::to_string(limit) + " bytes",
                  "raise the limit with --max-input");
    }
  }
  return text;
}

}  // namespace

std::size_t read_some(int descriptor, const std::string& name, char* to, std::size_t bytes) {
  while (true) {
    throw_if_interrupted();
    const ssize_t got = ::read(descriptor, to, bytes);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EAGAIN) {
      wait_for_input(descriptor, -1);
    } else if (errno != EINTR) {
      throw system_error(ErrorCode::failure, name, "read", errno);
    }
  }
}

void reopen_closed_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (::fcntl(stream, F_GETFD) == -1 && errno == EBADF) {
      // The lowest free number is this one. Kept open until the end.
      [[maybe_unused]] const int opened = ::open("/dev/null", O_RDWR);
    }
  }
}

bool input_is_readable() {
  struct stat status {};
  if (::fstat(STDIN_FILENO, &status) != 0) return false;
  return S_ISFIFO(status.st_mode) || S_ISREG(status.st_mode) || S_ISSOCK(status.st_mode);
}

std::string read_standard_input(std::uint64_t limit, bool quiet) {
  if (!quiet && !wait_for_input(STDIN_FILENO, kSilenceMilliseconds)) {
    write_stderr("unmask: reading the prompt from standard input (Ctrl-D to end)\n");
  }
  return read_all(STDIN_FILENO, "standard input", limit);
}

std::string read_text_file(const std::string& path, std::uint64_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) throw system_error(ErrorCode::failure, path, "read", errno);
  return read_all(file.get(), path, limit);
}

}  // namespace unmask
