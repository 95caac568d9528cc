#include "batch/journal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <thread>

#include "base/testing.h"
#include "io/output.h"
#include "io/replaced_input.h"

namespace unmask {
namespace {

using nlohmann::ordered_json;
using testing::content_of;
using testing::fails_with;
using testing::TemporaryFolder;

namespace fs = std::filesystem;

std::string good(std::uint64_t line, const std::string& text = "x") {
  return "{\"line\":" + std::to_string(line) + ",\"text\":\"" + text + "\"}";
}
std::string bad(std::uint64_t line) {
  return "{\"line\":" + std::to_string(line) + ",\"error\":{\"code\":\"usage\"}}";
}

class JournalTest : public ::testing::Test {
 protected:
  std::string out() const { return folder_ / "out.jsonl"; }
  Journal open(Existing existing) const { return Journal(out(), "-", existing); }

  /// What an earlier run left, made with `made_with`.
  void write_out(const std::string& content, const ordered_json& made_with = {{"seed", 1}}) const {
    folder_.write("out.jsonl", content);
    folder_.write("out.jsonl.unmask", made_with.dump());
  }

  TemporaryFolder folder_;
};

TEST_F(JournalTest, WritesEachLineAtOnce) {
  Journal journal = open(Existing::refuse);
  journal.set_fingerprint({{"seed", 1}}, false);
  journal.append(1, good(1));
  EXPECT_EQ(content_of(out()), good(1) + "\n");
  journal.append(3, bad(3));
  EXPECT_EQ(content_of(out()), good(1) + "\n" + bad(3) + "\n");
  EXPECT_TRUE(journal.is_done(3));
  EXPECT_FALSE(journal.is_done(2));
  EXPECT_EQ(journal.recorded().failed.size(), 1u);
}

TEST_F(JournalTest, WritesItsFingerprintBeforeTheFirstLine) {
  Journal journal = open(Existing::refuse);
  journal.set_fingerprint({{"seed", 1}}, false);
  EXPECT_FALSE(fs::exists(out() + ".unmask"));
  journal.append(1, good(1));
  EXPECT_EQ(ordered_json::parse(content_of(out() + ".unmask")), ordered_json({{"seed", 1}}));
}

TEST_F(JournalTest, LeavesNothingBehindWhereNothingWasDone) {
  { const Journal journal = open(Existing::refuse); }
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(JournalTest, LeavesAnEmptyFileForAnEmptyInput) {
  {
    Journal journal = open(Existing::refuse);
    journal.finish(false);
  }
  EXPECT_TRUE(fs::exists(out()));
  EXPECT_EQ(content_of(out()), "");
}

TEST_F(JournalTest, RefusesAFileThatIsNotEmpty) {
  write_out(good(1) + "\n");
  EXPECT_TRUE(fails_with(ErrorCode::usage,
                         {"is there already", "--resume ", "--resume-failed", "--overwrite"},
                         [&] { open(Existing::refuse); }));
  EXPECT_EQ(content_of(out()), good(1) + "\n");
}

TEST_F(JournalTest, RefusesPartsOfAnEarlierRun) {
  folder_.write("out.jsonl.part-0", "");
  EXPECT_TRUE(
      fails_with(ErrorCode::usage, {"part-0 is there already"}, [&] { open(Existing::refuse); }));
}

TEST_F(JournalTest, RefusesTheInputByWhateverName) {
  const std::string in = folder_.write("in", "{}\n");
  const std::string link = folder_ / "symbolic";
  const std::string hard = folder_ / "hard";
  fs::create_symlink(in, link);
  fs::create_hard_link(in, hard);
  for (const std::string& path : {in, link, hard}) {
    EXPECT_TRUE(fails_with(ErrorCode::usage, {"is the input"},
                           [&] { Journal(path, in, Existing::overwrite); }));
  }
  const testing::ReplacedInput input(::open(in.c_str(), O_RDONLY));
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"is the input"},
                         [&] { Journal(hard, "-", Existing::overwrite); }));
  EXPECT_EQ(content_of(in), "{}\n");
}

TEST_F(JournalTest, SaysRightAwayThatItCannotWrite) {
  EXPECT_TRUE(fails_with(ErrorCode::failure, {"No such file or directory"},
                         [&] { Journal(folder_ / "no/out", "-", Existing::refuse); }));
  EXPECT_TRUE(fails_with(ErrorCode::failure, {"Is a directory"},
                         [&] { Journal(folder_.path(), "-", Existing::refuse); }));
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"--output is empty"},
                         [&] { Journal("", "-", Existing::refuse); }));
}

TEST_F(JournalTest, NamesTheProcessThatWritesTheFile) {
  const Journal first = open(Existing::refuse);
  // Not every kernel lists its locks.
  const bool listed = content_of("/proc/locks").find("FLOCK") != std::string::npos;
  const std::string who = listed ? "process " + std::to_string(::getpid()) : "another process";
  EXPECT_TRUE(fails_with(ErrorCode::usage, {who + " is writing this file"},
                         [&] { open(Existing::resume); }));
}

TEST_F(JournalTest, GoesOnWhereAnEarlierRunEnded) {
  write_out(good(1) + "\n" + bad(2) + "\n");
  {
    Journal journal = open(Existing::resume);
    EXPECT_EQ(journal.previous()->at("seed"), 1);
    journal.set_fingerprint({{"seed", 1}}, false);
    EXPECT_TRUE(journal.is_done(1));
    EXPECT_TRUE(journal.is_done(2));
    EXPECT_FALSE(journal.is_done(3));
    journal.append(3, good(3));
    journal.finish(false);
  }
  EXPECT_EQ(content_of(out()), good(1) + "\n" + bad(2) + "\n" + good(3) + "\n");
}

TEST_F(JournalTest, DoesFailedLinesAgainAndPutsThemInTheirPlace) {
  write_out(good(1) + "\n" + bad(2) + "\n" + bad(3) + "\n" + good(4) + "\n");
  Journal journal = open(Existing::resume_failed);
  journal.set_fingerprint({{"seed", 1}}, false);
  EXPECT_TRUE(journal.is_done(1));
  EXPECT_FALSE(journal.is_done(2));
  journal.append(3, "{\"line\":3,\"error\":{\"code\":\"new\"}}");
  journal.append(2, good(2));
  EXPECT_EQ(journal.recorded().failed.size(), 1u);
  journal.finish(false);
  EXPECT_EQ(
      content_of(out()),
      good(1) + "\n" + good(2) + "\n{\"line\":3,\"error\":{\"code\":\"new\"}}\n" + good(4) + "\n");
}

TEST_F(JournalTest, StartsWhereThereIsNothingToResume) {
  Journal journal = open(Existing::resume);
  journal.set_fingerprint({{"seed", 1}}, false);
  journal.append(1, good(1));
  EXPECT_EQ(content_of(out()), good(1) + "\n");
}

TEST_F(JournalTest, BeginsAnewWithoutLookingAtWhatIsThere) {
  write_out("no json\n");
  folder_.write("out.jsonl.part-3", "no json\n");
  Journal journal = open(Existing::overwrite);
  EXPECT_EQ(content_of(out()), "no json\n");  // not before there is something better
  journal.set_fingerprint({{"seed", 2}}, false);
  journal.append(1, good(1));
  journal.finish(false);
  EXPECT_EQ(content_of(out()), good(1) + "\n");
  EXPECT_EQ(ordered_json::parse(content_of(out() + ".unmask")).at("seed"), 2);
  EXPECT_FALSE(fs::exists(folder_ / "out.jsonl.part-3"));
}

TEST_F(JournalTest, CutsAnUnfinishedLineWithTheFirstAppend) {
  write_out(good(1) + "\n" + good(2).substr(0, 9));
  Journal journal = open(Existing::resume);
  journal.set_fingerprint({{"seed", 1}}, false);
  EXPECT_FALSE(journal.is_done(2));
  EXPECT_EQ(content_of(out()), good(1) + "\n" + good(2).substr(0, 9));
  ::testing::internal::CaptureStderr();
  journal.append(2, good(2));
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("9 bytes are dropped"),
            std::string::npos);
  EXPECT_EQ(content_of(out()), good(1) + "\n" + good(2) + "\n");
}

TEST_F(JournalTest, ListsWhatDiffersFromTheRunThatIsResumed) {
  write_out(good(1) + "\n",
            {{"model", "a"}, {"options", {{"steps", 32}, {"order", "left"}}}, {"gone", true}});
  const ordered_json now = {
      {"model", "b"}, {"options", {{"steps", 16}, {"order", "left"}}}, {"new", 1}};
  Journal journal = open(Existing::resume);
  EXPECT_TRUE(fails_with(ErrorCode::usage,
                         {"model was \"a\", is \"b\"", "options.steps was 32, is 16",
                          "gone was true, is absent", "new was absent, is 1", "--force-resume"},
                         [&] { journal.set_fingerprint(now, false); }));
  journal.set_fingerprint(now, true);
  journal.append(2, good(2));
  EXPECT_EQ(ordered_json::parse(content_of(out() + ".unmask")), now);
}

TEST_F(JournalTest, RefusesTheBatchOfAnotherBuildByNameAndLosesNothingOfIt) {
  const ordered_json now = {{"schema", 2}, {"seed", 1}};
  const auto refuses = [&](const ordered_json& before, std::string_view build) {
    write_out(good(1) + "\n", before);
    Journal journal = open(Existing::resume);
    const bool refused =
        fails_with(ErrorCode::usage, {"out.jsonl was begun by", build, "--force-resume"},
                   [&] { journal.set_fingerprint(now, false); });
    EXPECT_EQ(content_of(out()), good(1) + "\n");
    EXPECT_EQ(ordered_json::parse(content_of(out() + ".unmask")), before);
    return refused;
  };
  EXPECT_TRUE(refuses({{"schema", 1}, {"seed", 1}}, "an earlier build"));
  EXPECT_TRUE(refuses({{"seed", 1}}, "an earlier build"));
  EXPECT_TRUE(refuses({{"schema", 3}, {"seed", 1}}, "a later build"));
  Journal journal = open(Existing::resume);
  journal.set_fingerprint(now, true);
  journal.append(2, good(2));
  EXPECT_EQ(content_of(out()), good(1) + "\n" + good(2) + "\n");
  EXPECT_EQ(ordered_json::parse(content_of(out() + ".unmask")), now);
}

TEST_F(JournalTest, DoesNotListWhatIsTheSame) {
  write_out(good(1) + "\n", {{"a", 1}, {"b", 2}});
  Journal journal = open(Existing::resume);
  try {
    journal.set_fingerprint({{"a", 1}, {"b", 3}}, false);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("a was"), std::string::npos) << error.what();
  }
}

TEST_F(JournalTest, DoesNotGoOnWithResultsOfUnknownOrigin) {
  folder_.write("out.jsonl", good(1) + "\n");
  Journal journal = open(Existing::resume);
  EXPECT_TRUE(fails_with(ErrorCode::usage, {".unmask is missing", "--force-resume"}, [&] {
    journal.set_fingerprint({{"seed", 1}}, false);
  }));
  journal.set_fingerprint({{"seed", 1}}, true);
  journal.append(2, good(2));
  EXPECT_EQ(content_of(out()), good(1) + "\n" + good(2) + "\n");
}

TEST_F(JournalTest, RefusesAFingerprintThatIsNoJson) {
  write_out(good(1) + "\n");
  folder_.write("out.jsonl.unmask", "{");
  EXPECT_TRUE(
      fails_with(ErrorCode::checkpoint, {"out.jsonl.unmask"}, [&] { open(Existing::resume); }));
}

TEST_F(JournalTest, TakesOnlyRecords) {
  Journal journal = open(Existing::refuse);
  for (const std::string& text : {good(2), std::string("{}"), good(1) + "\n", good(1, "a\nb"),
                                  std::string("{\"line\":1,\"a\":1")}) {
    EXPECT_TRUE(fails_with(ErrorCode::failure, {"internal error"}, [&] {
      journal.append(1, text);
    })) << text;
  }
  EXPECT_EQ(content_of(out()), "");
}

TEST_F(JournalTest, PutsLinesInTheOrderOfTheInputUnlessToldNotTo) {
  write_out(good(3) + "\n" + good(1) + "\n");
  fs::permissions(out(), fs::perms(0640));
  {
    Journal journal = open(Existing::resume);
    journal.append(2, good(2));
    journal.finish(true);
    EXPECT_EQ(content_of(out()), good(3) + "\n" + good(1) + "\n" + good(2) + "\n");
  }
  open(Existing::resume).finish(false);
  EXPECT_EQ(content_of(out()), good(1) + "\n" + good(2) + "\n" + good(3) + "\n");
  EXPECT_EQ(fs::status(out()).permissions(), fs::perms(0640));
}

TEST_F(JournalTest, DoesNotRewriteAFileThatIsInOrder) {
  write_out(good(1) + "\n" + good(2) + "\n");
  struct stat before {};
  struct stat after {};
  ASSERT_EQ(::stat(out().c_str(), &before), 0);
  open(Existing::resume).finish(false);
  ASSERT_EQ(::stat(out().c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

TEST_F(JournalTest, PutsTheFileThatALinkNamesInOrder) {
  write_out(good(2) + "\n" + good(1) + "\n");
  const std::string link = folder_ / "link";
  fs::create_symlink("out.jsonl", link);
  Journal(link, "-", Existing::resume).finish(false);
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(content_of(out()), good(1) + "\n" + good(2) + "\n");
}

TEST_F(JournalTest, MergesPartsAndKeepsTheFirstGoodRecordOfALine) {
  write_out("");
  {
    Journal whole = open(Existing::resume);
    whole.prepare();
    Journal first(part_name(out(), 0), "-", Existing::refuse);
    Journal second(part_name(out(), 1), "-", Existing::refuse);
    first.set_fingerprint({{"seed", 1}}, false);
    first.append(1, good(1, "first"));
    first.append(4, bad(4));
    second.append(2, good(2));
    second.append(1, good(1, "second"));
    second.append(4, good(4));
    EXPECT_TRUE(
        fails_with(ErrorCode::usage, {"part-0", "is writing"}, [&] { whole.finish(false); }));
  }
  Journal whole = open(Existing::resume);
  EXPECT_TRUE(whole.is_done(2));
  EXPECT_FALSE(whole.is_done(3));
  whole.append(3, good(3));
  whole.finish(true);
  EXPECT_EQ(whole.recorded().good.size(), 4u);
  EXPECT_EQ(content_of(out()),
            good(1, "first") + "\n" + good(2) + "\n" + good(3) + "\n" + good(4) + "\n");
  EXPECT_EQ(find_parts(out()), std::vector<std::string>{});
  EXPECT_FALSE(fs::exists(part_name(out(), 0) + ".unmask"));
}

TEST_F(JournalTest, IgnoresAndRemovesACopyThatWasNotFinished) {
  write_out(good(2) + "\n" + good(1) + "\n");
  folder_.write("out.jsonl.unmask-sorted", good(1) + "\n{\"li");
  open(Existing::resume).finish(false);
  EXPECT_EQ(content_of(out()), good(1) + "\n" + good(2) + "\n");
  EXPECT_FALSE(fs::exists(folder_ / "out.jsonl.unmask-sorted"));
}

/// Runs `action` in a process whose files may have `bytes` at most, as on a full disk.
template <class Action>
void with_little_room(rlim_t bytes, Action action) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    action();
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(JournalTest, CutsTheFileBackToItsLastLineWhereTheDiskIsFull) {
  with_little_room(100, [&] {
    Journal journal = open(Existing::refuse);
    journal.set_fingerprint({{"seed", 1}}, false);
    journal.append(1, good(1));
    EXPECT_TRUE(fails_with(ErrorCode::failure, {"cannot write", "1 line is safe", "--resume"},
                           [&] { journal.append(2, good(2, std::string(200, 'x'))); }));
  });
  EXPECT_EQ(content_of(out()), good(1) + "\n");
  Journal journal = open(Existing::resume);
  journal.set_fingerprint({{"seed", 1}}, false);
  journal.append(2, good(2));
  EXPECT_EQ(content_of(out()), good(1) + "\n" + good(2) + "\n");
}

TEST_F(JournalTest, KeepsAllLinesWhereThereIsNoRoomToPutThemInOrder) {
  const std::string lines =
      good(2, std::string(60, 'x')) + "\n" + good(1, std::string(60, 'x')) + "\n";
  write_out(lines);
  with_little_room(100, [&] {
    Journal journal = open(Existing::resume);
    EXPECT_TRUE(fails_with(ErrorCode::failure, {"cannot write", "2 lines are safe"},
                           [&] { journal.finish(false); }));
  });
  EXPECT_EQ(content_of(out()), lines);
  EXPECT_FALSE(fs::exists(folder_ / "out.jsonl.unmask-sorted"));
}

TEST_F(JournalTest, WritesToADeviceButDoesNotResumeFromOne) {
  Journal journal("/dev/full", "-", Existing::refuse);
  EXPECT_FALSE(journal.resumable());
  EXPECT_TRUE(fails_with(ErrorCode::failure, {"/dev/full: cannot write: No space left", "0 lines"},
                         [&] { journal.append(1, good(1)); }));
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"no regular file"},
                         [&] { Journal("/dev/full", "-", Existing::resume); }));
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"standard output is no regular"},
                         [&] { Journal("-", "-", Existing::resume_failed); }));
}

TEST_F(JournalTest, WritesToAFifoAndNoticesThatItsReaderLeft) {
  ::signal(SIGPIPE, SIG_IGN);
  const std::string path = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] {
    std::ifstream fifo(path);
    std::getline(fifo, read);
  });
  Journal journal(path, "-", Existing::refuse);
  journal.append(1, good(1));
  reader.join();
  EXPECT_EQ(read, good(1));
  EXPECT_THROW(journal.append(2, good(2)), OutputClosed);
  journal.finish(false);
  EXPECT_FALSE(fs::exists(path + ".unmask"));
}

}  // namespace
}  // namespace unmask
