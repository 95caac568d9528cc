// A file descriptor that closes itself, and the messages of failed system calls.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "unmask/error.h"

namespace unmask {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }

  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

/// "DISPLAYED PATH: cannot ACTION: REASON", with the reason taken from `cause` (an errno).
inline Error system_error(ErrorCode code, const std::filesystem::path& path,
                          const std::string& action, int cause) {
  return Error(
      code, display(path) + ": cannot " + action + ": " + std::generic_category().message(cause));
}

}  // namespace unmask
