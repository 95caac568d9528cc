#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;
using testing::fails_with;
using testing::TemporaryFolder;

constexpr std::uint64_t kLimit = 1000;

TEST(MappedFile, ShowsTheBytesOfTheFile) {
  const TemporaryFolder folder;
  const MappedFile file(folder.write("a", "some bytes"));
  EXPECT_EQ(file.text(), "some bytes");
  EXPECT_EQ(file.bytes().size(), 10U);
  EXPECT_EQ(file.path(), folder / "a");
}

TEST(MappedFile, MayBeEmpty) {
  const TemporaryFolder folder;
  EXPECT_EQ(MappedFile(folder.write("a", "")).bytes().size(), 0U);
}

TEST(MappedFile, KeepsItsMappingWhenMoved) {
  const TemporaryFolder folder;
  MappedFile first(folder.write("a", "first"));
  const std::byte* const data = first.bytes().data();
  MappedFile moved(std::move(first));
  EXPECT_EQ(moved.bytes().data(), data);
  MappedFile other(folder.write("b", "other"));
  other = std::move(moved);
  EXPECT_EQ(other.bytes().data(), data);
  EXPECT_EQ(other.text(), "first");
}

TEST(MappedFile, SurvivesTheRemovalOfTheFile) {
  const TemporaryFolder folder;
  const MappedFile file(folder.write("a", "still here"));
  fs::remove(folder / "a");
  EXPECT_EQ(file.text(), "still here");
}

TEST(OpeningAFile, NamesTheFileThatIsNotThere) {
  const TemporaryFolder folder;
  for (const char* name : {"nothing", "nothing/at/all"}) {
    EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {name, "No such file"},
                           [&] { MappedFile(folder / name); }));
    EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {name, "No such file"},
                           [&] { read_file(folder / name, kLimit); }));
  }
}

TEST(OpeningAFile, RefusesWhatIsNotARegularFile) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  const std::pair<fs::path, const char*> kinds[] = {
      {folder.path(), "a directory"}, {folder / "fifo", "a FIFO"}, {"/dev/zero", "a device"}};
  for (const auto& [path, kind] : kinds) {
    EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {kind, "expected a regular file"},
                           [&path = path] { MappedFile{path}; }));
    EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {kind, "expected a regular file"},
                           [&path = path] { read_file(path, kLimit); }));
  }
}

TEST(OpeningAFile, NamesALinkThatLeadsInACircle) {
  const TemporaryFolder folder;
  fs::create_symlink("loop", folder / "loop");
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"loop", "symbolic links"},
                         [&] { MappedFile(folder / "loop"); }));
}

// In a child process that gives up root, for whom every file is readable.
TEST(OpeningAFileDeathTest, IsAFailureWithoutPermission) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("secret", "x");
  fs::permissions(path, fs::perms::none);
  const auto open_as_nobody = [&] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) ::_exit(99);
    const bool refused = fails_with(ErrorCode::failure, {"secret", "Permission denied"},
                                    [&] { MappedFile{path}; }) &&
                         fails_with(ErrorCode::failure, {"secret", "Permission denied"},
                                    [&] { read_file(path, kLimit); });
    ::_exit(refused ? 0 : 1);
  };
  EXPECT_EXIT(open_as_nobody(), ::testing::ExitedWithCode(0), "");
}

TEST(OpeningAFile, ShowsControlCharactersOfTheNameEscaped) {
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"bad\\x1b[31mname"},
                         [] { MappedFile("bad\x1B[31mname"); }));
}

TEST(ReadFile, ReadsTheWholeFile) {
  const TemporaryFolder folder;
  const std::string large(100'000, 'x');
  EXPECT_EQ(read_file(folder.write("a", "text\n"), kLimit), "text\n");
  EXPECT_EQ(read_file(folder.write("b", large), large.size()), large);
  EXPECT_EQ(read_file(folder.write("c", ""), kLimit), "");
}

TEST(ReadFile, RefusesMoreThanTheLimit) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("a", "12345");
  EXPECT_EQ(read_file(path, 5), "12345");
  EXPECT_TRUE(
      fails_with(ErrorCode::checkpoint, {"is 5 bytes", "at most 4"}, [&] { read_file(path, 4); }));
}

TEST(MappedFileText, IsRefusedBeyondTheLimit) {
  const TemporaryFolder folder;
  const MappedFile file(folder.write("a", "12345"));
  EXPECT_EQ(file.text(5), "12345");
  EXPECT_TRUE(
      fails_with(ErrorCode::checkpoint, {"is 5 bytes", "at most 4 are"}, [&] { file.text(4); }));
}

TEST(MappedFileText, SaysALargeLimitInMebibytes) {
  const TemporaryFolder folder;
  const MappedFile file(folder.write("a", std::string((2 << 20) + 1, 'x')));
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"is 2097153 bytes, at most 2 MiB are"},
                         [&] { file.text(2 << 20); }));
}

TEST(ReadFile, HoldsTheLimitWhereTheSizeIsNotKnownBefore) {
  EXPECT_TRUE(
      fails_with(ErrorCode::checkpoint, {"at most 4"}, [] { read_file("/proc/self/status", 4); }));
}

TEST(ShrunkenMappingDeathTest, IsReportedAndEndsTheCommand) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("a", std::string(100'000, 'x'));
  const auto read_after_truncation = [&] {
    report_shrunken_mappings();
    const MappedFile file(path);
    fs::resize_file(path, 10);
    ::_exit(file.text()[50'000] == 'x' ? 10 : 11);
  };
  EXPECT_EXIT(read_after_truncation(), ::testing::ExitedWithCode(3), "shortened while in use");
}

TEST(ShrunkenMappingDeathTest, LeavesOtherBusErrorsAlone) {
  const auto raise_bus_error = [] {
    report_shrunken_mappings();
    ::raise(SIGBUS);
  };
  EXPECT_EXIT(raise_bus_error(), ::testing::KilledBySignal(SIGBUS), "");
}

}  // namespace
}  // namespace unmask
