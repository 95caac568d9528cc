#include "io/input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "unmask/error.h"

namespace unmask {
namespace {

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

int pipe_with(const std::string& text) {
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe(pipe.data()), 0);
  EXPECT_EQ(::write(pipe[1], text.data(), text.size()), std::ssize(text));
  ::close(pipe[1]);
  return pipe[0];
}

TEST(StandardInput, IsReadFromAPipeWithItsNullBytes) {
  const std::string text("a\0b\n", 4);
  const ReplacedInput input(pipe_with(text));
  EXPECT_TRUE(input_is_readable());
  EXPECT_EQ(read_standard_input(100, true), text);
}

TEST(StandardInput, IsNotReadFromADevice) {
  const ReplacedInput input(::open("/dev/null", O_RDONLY));
  EXPECT_FALSE(input_is_readable());
}

TEST(StandardInput, RefusesMoreThanTheLimit) {
  const ReplacedInput input(pipe_with("12345"));
  try {
    read_standard_input(4, true);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_STREQ(error.what(), "standard input is longer than 4 bytes");
  }
}

TEST(TextFile, MayBeAPipe) {
  const int pipe = pipe_with("text");
  EXPECT_EQ(read_text_file("/dev/fd/" + std::to_string(pipe), 100), "text");
  ::close(pipe);
}

TEST(TextFile, IsNamedWhereItCannotBeRead) {
  try {
    read_text_file("/nowhere/prompt.txt", 100);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::failure);
    EXPECT_STREQ(error.what(), "/nowhere/prompt.txt: cannot read: No such file or directory");
  }
  EXPECT_THROW(read_text_file(testing::TempDir(), 100), Error);
}

}  // namespace
}  // namespace unmask
