#include "batch/lines.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "base/testing.h"
#include "io/replaced_input.h"

namespace unmask {
namespace {

using testing::fails_with;
using testing::pipe_with;
using testing::ReplacedInput;
using testing::TemporaryFolder;

/// "number:text" for each line, "number!bytes" for one that is too long.
std::vector<std::string> all_lines(LineReader reader) {
  std::vector<std::string> lines;
  while (const auto line = reader.next()) {
    const std::string number = std::to_string(line->number);
    lines.push_back(line->too_long_bytes > 0 ? number + "!" + std::to_string(line->too_long_bytes)
                                             : number + ":" + line->text);
  }
  return lines;
}

std::vector<std::string> lines_of(const std::string& content, std::uint64_t limit = kLineLimit) {
  const TemporaryFolder folder;
  return all_lines(LineReader(folder.write("in", content), limit));
}

using Lines = std::vector<std::string>;

TEST(LineReader, NumbersAllLinesAndLeavesBlankOnesOut) {
  EXPECT_EQ(lines_of("a\n\n \t \nb\n\r\nc\n"), (Lines{"1:a", "4:b", "6:c"}));
}

TEST(LineReader, TakesWindowsLineBreaksAByteOrderMarkAndALastLineWithoutABreak) {
  EXPECT_EQ(lines_of("\xEF\xBB\xBF"
                     "a\r\nb\r\nc"),
            (Lines{"1:a", "2:b", "3:c"}));
  EXPECT_EQ(lines_of("\xEF\xBB\xBF"), Lines{});
  EXPECT_EQ(lines_of("a\n\xEF\xBB\xBF"
                     "b"),
            (Lines{"1:a",
                   "2:\xEF\xBB\xBF"
                   "b"}));
}

TEST(LineReader, GivesNothingForAnEmptyFile) { EXPECT_EQ(lines_of(""), Lines{}); }

TEST(LineReader, KeepsNullBytesAndWhatIsNoUtf8) {
  EXPECT_EQ(lines_of(std::string("a\0\xFF\n", 4)), (Lines{std::string("1:a\0\xFF", 5)}));
}

TEST(LineReader, ReadsLinesAcrossItsBuffer) {
  const std::string first(1'000'000, 'x');
  const std::string second(262'144, 'y');  // as long as the buffer
  EXPECT_EQ(lines_of(first + "\n" + second + "\nz\n"), (Lines{"1:" + first, "2:" + second, "3:z"}));
}

TEST(LineReader, SaysHowLongALineIsThatItDoesNotKeep) {
  const std::string huge(3'000'000, 'x');
  EXPECT_EQ(lines_of("12345\n123456\n" + huge + "\nabc\n" + huge, 5),
            (Lines{"1:12345", "2!6", "3!3000000", "4:abc", "5!3000000"}));
}

TEST(LineReader, ReadsStandardInput) {
  const ReplacedInput input(pipe_with("a\nb"));
  EXPECT_EQ(all_lines(LineReader("-")), (Lines{"1:a", "2:b"}));
}

TEST(LineReader, WaitsForTheWriterOfAFifo) {
  const TemporaryFolder folder;
  const std::string path = folder / "fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(path) << "a\nb\n"; });
  EXPECT_EQ(all_lines(LineReader(path)), (Lines{"1:a", "2:b"}));
  writer.join();
}

TEST(LineReader, SaysWhetherALineIsThere) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const ReplacedInput input(pipe[0]);
  LineReader reader("-");
  EXPECT_FALSE(reader.is_ready());
  ASSERT_EQ(::write(pipe[1], "a\nb\n", 4), 4);
  EXPECT_TRUE(reader.is_ready());
  EXPECT_EQ(reader.next()->text, "a");
  EXPECT_TRUE(reader.is_ready());  // b is in memory
  EXPECT_EQ(reader.next()->text, "b");
  EXPECT_FALSE(reader.is_ready());
  ::close(pipe[1]);
  EXPECT_TRUE(reader.is_ready());  // the end
  EXPECT_FALSE(reader.next());
}

TEST(LineReader, NamesAFileThatItCannotRead) {
  const TemporaryFolder folder;
  EXPECT_TRUE(fails_with(ErrorCode::failure, {"nothing: cannot read: No such file"},
                         [&] { LineReader(folder / "nothing"); }));
  EXPECT_TRUE(fails_with(ErrorCode::failure, {"cannot read: Is a directory"},
                         [&] { LineReader(folder.path()).next(); }));
}

TEST(InputSummary, CountsWhatTheReaderGives) {
  const TemporaryFolder folder;
  for (const std::string content : {"", "a", "a\n", "\n\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF\r\n",
                                    "a\r\n \t\n\nb\n  c", "\xEF\xBB\xBF{}\n\r\n{}"}) {
    const std::string path = folder.write("in", content);
    EXPECT_EQ(summarize_input(path)->lines, lines_of(content).size()) << content;
    EXPECT_EQ(summarize_input(path)->bytes, content.size());
  }
}

TEST(InputSummary, HashesAsFnv1a) {
  const TemporaryFolder folder;  // the known answers of the function's authors
  EXPECT_EQ(summarize_input(folder.write("a", "a"))->hash, "af63dc4c8601ec8c");
  EXPECT_EQ(summarize_input(folder.write("b", "foobar"))->hash, "85944171f73967e8");
}

TEST(InputSummary, LeavesARedirectedFileWhereItStands) {
  const TemporaryFolder folder;
  const std::string path = folder.write("in", "a\nb\n");
  const ReplacedInput input(::open(path.c_str(), O_RDONLY));
  EXPECT_EQ(summarize_input("-")->lines, 2u);
  EXPECT_EQ(all_lines(LineReader("-")), (Lines{"1:a", "2:b"}));
}

TEST(InputSummary, IsNotMadeOfAPipe) {
  const ReplacedInput input(pipe_with("a\n"));
  EXPECT_FALSE(summarize_input("-"));
  EXPECT_EQ(all_lines(LineReader("-")), Lines{"1:a"});  // nothing was taken
}

}  // namespace
}  // namespace unmask
