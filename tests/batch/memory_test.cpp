// The file side of a batch of a million lines takes little more memory than that of a thousand.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing.h"
#include "batch/id_set.h"
#include "batch/journal.h"
#include "batch/lines.h"

namespace unmask {
namespace {

using testing::TemporaryFolder;

std::string id_of(std::uint64_t line) { return "id-" + std::to_string(line); }

std::string record_of(std::uint64_t line) {
  return "{\"line\":" + std::to_string(line) + ",\"id\":\"" + id_of(line) + "\"}";
}

/// Reads the lines, remembers their ids and answers them, each pair in the wrong order, so that the
/// output is put in order in the end.
void answer_all(const std::string& in, const std::string& out) {
  Journal journal(out, in, Existing::refuse);
  journal.set_fingerprint({{"seed", 1}}, false);
  IdSet ids;
  LineReader reader(in);
  while (const auto line = reader.next()) {
    if (line->text != id_of(line->number) || !ids.insert(line->text)) {
      throw Error(ErrorCode::failure, "not the line that was written");
    }
    if (line->number % 2 == 1) continue;
    for (const std::uint64_t number : {line->number, line->number - 1}) {
      journal.append(number, record_of(number));
    }
  }
  journal.finish(false);
}

/// The most memory in bytes that a process took for a batch of so many lines.
std::int64_t peak_memory(std::uint64_t lines) {
  const TemporaryFolder folder;
  const std::string in = folder / "in";
  {
    std::ofstream file(in);
    for (std::uint64_t line = 1; line <= lines; ++line) file << id_of(line) << '\n';
  }
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      answer_all(in, folder / "out");
      ::_exit(0);
    } catch (...) {
      ::_exit(1);
    }
  }
  int status = 0;
  rusage usage{};
  EXPECT_EQ(::wait4(child, &status, 0, &usage), child);
  EXPECT_EQ(status, 0);
  std::ifstream out(folder / "out");
  std::string text;
  std::uint64_t line = 0;
  while (std::getline(out, text) && text == record_of(line + 1)) ++line;
  EXPECT_EQ(line, lines) << text;
  return std::int64_t{1024} * usage.ru_maxrss;
}

TEST(BatchMemory, OfAMillionLinesIsWithinFiftyMegabytesOfAThousand) {
  const std::int64_t small = peak_memory(1'000);
  const std::int64_t large = peak_memory(1'000'000);
  RecordProperty("bytes_more", std::to_string(large - small));
  EXPECT_LT(large - small, 50'000'000) << small << " and " << large;
  EXPECT_GT(large - small, 10'000'000) << "the measurement must see the table of ids";
}

}  // namespace
}  // namespace unmask
