// Standard input for a test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

namespace unmask::testing {

/// Puts another file in the place of standard input for as long as it lives.
class ReplacedInput {
 public:
  explicit ReplacedInput(int descriptor) : saved_(::dup(STDIN_FILENO)) {
    ::dup2(descriptor, STDIN_FILENO);
    ::close(descriptor);
  }
  ~ReplacedInput() {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }

 private:
  int saved_;
};

/// The reading end of a pipe that holds `text` and has no writer.
inline int pipe_with(const std::string& text) {
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe(pipe.data()), 0);
  EXPECT_EQ(::write(pipe[1], text.data(), text.size()), std::ssize(text));
  ::close(pipe[1]);
  return pipe[0];
}

}  // namespace unmask::testing
