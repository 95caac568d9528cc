// What --resume makes of a file that a crash has left, over thousands of random ends.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "base/testing.h"
#include "batch/journal.h"

namespace unmask {
namespace {

using testing::content_of;
using testing::TemporaryFolder;

class Damage : public ::testing::Test {
 protected:
  Damage() {
    for (std::uint64_t line = 1; line <= 40; ++line) {
      const std::string text(random_(200), 'a');
      lines_ +=
          "{\"line\":" + std::to_string(line) + ",\"text\":\"" + text + "\\\"}{\",\"ids\":[1,2]}\n";
    }
  }

  std::uint64_t random_(std::uint64_t below) {
    return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(engine_);
  }

  /// Bytes of any kind, among them those that JSON is made of, but no line break.
  std::string garbage() {
    constexpr std::string_view kLikely = "{}[]\",:\\line0123456789";
    std::string bytes;
    for (std::uint64_t left = random_(60); left > 0; --left) {
      const auto any = static_cast<char>(random_(256));
      bytes += random_(2) == 0 || any == '\n' ? kLikely[random_(kLikely.size())] : any;
    }
    return bytes;
  }

  std::mt19937_64 engine_{7};
  std::string lines_;
  TemporaryFolder folder_;
};

TEST_F(Damage, AtTheEndLeavesEveryFinishedLine) {
  ::testing::internal::CaptureStderr();  // a warning each time
  for (int i = 0; i < 2000; ++i) {
    const std::string kept = lines_.substr(0, random_(lines_.size() + 1));
    const std::string content = kept + garbage();
    const std::string out = folder_.write("out", content);
    const std::string whole = content.substr(0, content.rfind('\n') + 1);
    Journal journal(out, "-", Existing::resume);
    journal.prepare();
    ASSERT_EQ(content_of(out), whole) << i;
    const auto lines = static_cast<std::uint64_t>(std::count(whole.begin(), whole.end(), '\n'));
    ASSERT_EQ(journal.recorded().lines(), lines) << i;
    ASSERT_EQ(journal.is_done(lines), lines > 0) << i;
    ASSERT_FALSE(journal.is_done(lines + 1)) << i;
  }
  ::testing::internal::GetCapturedStderr();
}

TEST_F(Damage, BeforeTheEndIsRefusedAndChangesNothing) {
  for (int i = 0; i < 2000; ++i) {
    std::string content = lines_;
    // A line loses its end to another: bytes are missing, or the break between two of them.
    const std::size_t line_end = content.find('\n', random_(content.size() / 2));
    const std::size_t from = line_end - 1 - random_(20);
    if (random_(2) == 0) {
      content.erase(from, line_end - from);
    } else {
      content.replace(line_end, 1, garbage());
    }
    const std::string out = folder_.write("out", content);
    try {
      Journal(out, "-", Existing::resume);
      FAIL() << i << " was accepted";
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::checkpoint) << error.what();
    }
    ASSERT_EQ(content_of(out), content) << i;
  }
}

TEST_F(Damage, ByAHoleOfNullBytesIsRefused) {
  std::string content = lines_;
  content.replace(content.size() / 2, 64, std::string(64, '\0'));
  const std::string out = folder_.write("out", content);
  EXPECT_TRUE(testing::fails_with(ErrorCode::checkpoint, {"damaged"},
                                  [&] { Journal(out, "-", Existing::resume); }));
}

TEST(PuttingInOrder, LosesNothingWhereItIsKilled) {
  std::string backwards;
  std::string sorted;
  for (std::uint64_t line = 5000; line > 0; --line) {
    const std::string record = "{\"line\":" + std::to_string(line) + "}\n";
    backwards += record;
    sorted.insert(0, record);
  }
  const TemporaryFolder folder;
  std::mt19937 random(7);
  int done = 0;
  constexpr int kKills = 60;
  for (int i = 0; i < kKills; ++i) {
    const std::string out = folder.write("out", backwards);
    const pid_t child = ::fork();
    if (child == 0) {
      Journal(out, "-", Existing::resume).finish(false);
      ::_exit(0);
    }
    ::usleep(std::uniform_int_distribution<useconds_t>(0, 20'000)(random));
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    const std::string left = content_of(out);
    ASSERT_TRUE(left == backwards || left == sorted) << i << ": " << left.size() << " bytes";
    done += left == sorted ? 1 : 0;
    Journal(out, "-", Existing::resume).finish(false);
    ASSERT_EQ(content_of(out), sorted) << i;
  }
  RecordProperty("done_before_the_kill", std::to_string(done) + " of " + std::to_string(kKills));
}

}  // namespace
}  // namespace unmask
