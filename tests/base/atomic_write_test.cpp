#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iterator>

#include "base/file.h"
#include "base/testing.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;
using testing::content_of;
using testing::fails_with;
using testing::TemporaryFolder;

std::ptrdiff_t files_in(const TemporaryFolder& folder) {
  return std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator());
}

TEST(WriteFileAtomically, CreatesAFileWithTheUsualPermissions) {
  const TemporaryFolder folder;
  const mode_t mask = ::umask(022);
  write_file_atomically(folder / "a", "text");
  ::umask(mask);
  EXPECT_EQ(content_of(folder / "a"), "text");
  EXPECT_EQ(fs::status(folder / "a").permissions(), fs::perms(0644));
  EXPECT_EQ(files_in(folder), 1);
}

TEST(WriteFileAtomically, ReplacesTheFileAndKeepsItsPermissions) {
  const TemporaryFolder folder;
  fs::permissions(folder.write("a", "a longer old text"), fs::perms(0600));
  write_file_atomically(folder / "a", "new");
  EXPECT_EQ(content_of(folder / "a"), "new");
  EXPECT_EQ(fs::status(folder / "a").permissions(), fs::perms(0600));
  EXPECT_EQ(files_in(folder), 1);
}

TEST(WriteFileAtomically, NeverChangesTheOldFileItself) {
  const TemporaryFolder folder;
  const MappedFile reader(folder.write("a", "old text"));
  write_file_atomically(folder / "a", "new");
  EXPECT_EQ(reader.text(), "old text");
}

TEST(WriteFileAtomically, WritesThroughALink) {
  const TemporaryFolder folder;
  folder.write("real/a", "old");
  fs::create_symlink("real/a", folder / "link");
  write_file_atomically(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(content_of(folder / "real/a"), "new");
}

TEST(WriteFileAtomically, WorksInTheCurrentFolder) {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  write_file_atomically("a", "text");
  fs::current_path(before);
  EXPECT_EQ(content_of(folder / "a"), "text");
}

TEST(WriteFileAtomically, WritesDirectlyToWhatCannotBeReplaced) {
  const TemporaryFolder folder;
  const fs::path fifo = folder / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
  write_file_atomically(fifo, "through");
  char buffer[16];
  EXPECT_EQ(::read(reader, buffer, sizeof buffer), 7);
  ::close(reader);
  EXPECT_TRUE(fs::is_fifo(fifo));
}

TEST(WriteFileAtomically, ReportsAFullDevice) {
  EXPECT_TRUE(fails_with(ErrorCode::failure, {"/dev/full", "cannot write", "No space left"},
                         [] { write_file_atomically("/dev/full", "x"); }));
}

TEST(WriteFileAtomically, ReportsAFolderThatIsNotThere) {
  const TemporaryFolder folder;
  EXPECT_TRUE(fails_with(ErrorCode::failure, {"none/a", "No such file"},
                         [&] { write_file_atomically(folder / "none/a", "x"); }));
  EXPECT_TRUE(fails_with(ErrorCode::failure, {"Is a directory"},
                         [&] { write_file_atomically(folder.path(), "x"); }));
}

// In a child process with a limit on the size of files, which stands for a full disk.
TEST(WriteFileAtomicallyDeathTest, LeavesTheOldFileWhenWritingFails) {
  const TemporaryFolder folder;
  folder.write("a", "old");
  const auto write_too_much = [&] {
    const rlimit limit{1000, 1000};
    ::signal(SIGXFSZ, SIG_IGN);
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(99);
    const bool refused = fails_with(ErrorCode::failure, {"cannot write", "too large"}, [&] {
      write_file_atomically(folder / "a", std::string(5000, 'x'));
    });
    ::_exit(refused ? 0 : 1);
  };
  EXPECT_EXIT(write_too_much(), ::testing::ExitedWithCode(0), "");
  EXPECT_EQ(content_of(folder / "a"), "old");
  EXPECT_EQ(files_in(folder), 1);
}

TEST(WriteFileAtomicallyDeathTest, RespectsAReadOnlyFile) {
  const TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms::all);
  fs::permissions(folder.write("a", "old"), fs::perms(0444));
  const auto write_as_nobody = [&] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) ::_exit(99);
    ::_exit(fails_with(ErrorCode::failure, {"Permission denied"},
                       [&] { write_file_atomically(folder / "a", "new"); })
                ? 0
                : 1);
  };
  EXPECT_EXIT(write_as_nobody(), ::testing::ExitedWithCode(0), "");
  EXPECT_EQ(content_of(folder / "a"), "old");
}

}  // namespace
}  // namespace unmask
