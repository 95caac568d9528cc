#include "io/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "unmask/error.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;

std::string temporary(const std::string& name) {
  return testing::TempDir() + name + "-" + std::to_string(::getpid());
}

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::failure;
}

TEST(Output, WritesAFileAsItIs) {
  const std::string path = temporary("out");
  Output(path).write("a\x1b\xff\n");
  std::ifstream file(path);
  std::string content((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(content, "a\x1b\xff\n");
  fs::remove(path);
}

TEST(Output, IsStandardOutputForADash) {
  testing::internal::CaptureStdout();
  Output("-").write("text\n");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "text\n");
}

TEST(Output, RefusesAFolderThatIsNotThereBeforeAnythingIsWritten) {
  EXPECT_EQ(code_of([] { Output("/nowhere/at/all"); }), ErrorCode::failure);
  EXPECT_EQ(code_of([] { Output(testing::TempDir()); }), ErrorCode::failure);
  EXPECT_EQ(code_of([] { Output(""); }), ErrorCode::usage);
}

TEST(Output, ReportsAFullDisk) {
  EXPECT_EQ(code_of([] { Output("/dev/full").write("text\n"); }), ErrorCode::failure);
}

TEST(WriteAll, SaysThatNobodyReadsAnyMore) {
  ::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  ::close(pipe[0]);
  EXPECT_THROW(write_all(pipe[1], "text", "pipe"), OutputClosed);
  ::close(pipe[1]);
}

TEST(WriteAll, WaitsForAReaderThatIsSlowerThanANonBlockingPipe) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_NONBLOCK), 0);
  const std::string text(1 << 20, 'x');  // more than a pipe holds
  std::size_t read = 0;
  std::thread reader([&] {
    std::array<char, 4096> buffer{};
    while (read < text.size()) {
      const ssize_t got = ::read(pipe[0], buffer.data(), buffer.size());
      if (got > 0) read += static_cast<std::size_t>(got);
    }
  });
  write_all(pipe[1], text, "pipe");
  reader.join();
  EXPECT_EQ(read, text.size());
  ::close(pipe[0]);
  ::close(pipe[1]);
}

}  // namespace
}  // namespace unmask
