#include "io/input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "io/replaced_input.h"
#include "unmask/error.h"

namespace unmask {
namespace {

using testing::pipe_with;
using testing::ReplacedInput;

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
  EXPECT_THROW(read_text_file(::testing::TempDir(), 100), Error);
}

}  // namespace
}  // namespace unmask
