// Damaged files by the thousand, the same ones in every run. Plain byte flips nearly always die at
// the length or in the JSON; these edits keep the file plausible for longer.
#include <gtest/gtest.h>

#include <random>

#include "base/testing.h"
#include "checkpoint/raw_safetensors.h"

namespace unmask {
namespace {

using testing::length_prefix;

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string mutate(std::string header, std::string data) {
    for (std::size_t edits = 1 + below(2); edits > 0; --edits) edit(header);
    if (below(16) == 0) data.resize(below(2 * data.size() + 1), 'x');
    std::uint64_t length = header.size();
    if (below(20) == 0) length += below(9) - 4;  // may wrap, as a hostile file may
    if (below(40) == 0) length = std::uint64_t{random_()} << 32 | random_();
    return length_prefix(length) + header + data;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  // Numbers and words of the format go where others were.
  void edit(std::string& header) {
    static const std::vector<std::string> kWords = {"0",
                                                    "1",
                                                    "-1",
                                                    "4",
                                                    "8",
                                                    "16",
                                                    "24",
                                                    "9223372036854775807",
                                                    "18446744073709551616",
                                                    "1e3",
                                                    "2.0",
                                                    "null",
                                                    "[]",
                                                    "{}",
                                                    "[",
                                                    "]",
                                                    "{",
                                                    "}",
                                                    ",",
                                                    ":",
                                                    "\"",
                                                    "\"a\"",
                                                    "\"b\"",
                                                    "\"F32\"",
                                                    "\"U8\"",
                                                    "\"I64\"",
                                                    "\"F8_E4M3\"",
                                                    "\"dtype\"",
                                                    "\"shape\"",
                                                    "\"data_offsets\"",
                                                    "\"__metadata__\"",
                                                    "\\u0000",
                                                    "\xFF",
                                                    " ",
                                                    "\n"};
    const std::size_t at = below(header.size());
    const std::string& word = kWords[below(kWords.size())];
    switch (below(5)) {
      case 0:
        header[at] = static_cast<char>(random_());
        break;
      case 1:
        header.insert(at, word);
        break;
      case 2:
        header.erase(at, 1 + below(4));
        break;
      case 3:
        change_number(header, at);
        break;
      default:
        header.replace(at, below(word.size() + 1), word);
    }
    if (header.empty()) header = "{}";
  }

  void change_number(std::string& header, std::size_t from) {
    const std::size_t at = header.find_first_of("0123456789", from);
    if (at != std::string::npos) header[at] = static_cast<char>('0' + below(10));
  }

  std::mt19937 random_;
};

// What an accepted file promises.
void check_accepted(const SafetensorsFile& file, std::size_t data_bytes) {
  std::size_t total = 0;
  unsigned sum = 0;
  for (const auto& [name, tensor] : file.tensors()) {
    std::size_t bytes = dtype_bytes(tensor.dtype);
    for (const std::int64_t extent : tensor.shape) bytes *= static_cast<std::size_t>(extent);
    ASSERT_EQ(tensor.bytes.size(), bytes);
    for (const std::byte byte : tensor.bytes) sum += std::to_integer<unsigned>(byte);
    total += bytes;
  }
  ASSERT_LE(total, data_bytes);
  ASSERT_LE(sum, 255 * total);
}

TEST(SafetensorsFuzz, DamagedFilesAreRefusedOrStillSound) {
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
      R"("b":{"dtype":"U8","shape":[8],"data_offsets":[16,24]},)"
      R"("c":{"dtype":"I64","shape":[],"data_offsets":[24,32]}})";
  const std::string data(32, '\x7F');
  const testing::TemporaryFolder folder;
  Mutator mutator(20);
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 6000; ++round) {
    const std::string bytes = mutator.mutate(header, data);
    const auto path = folder.write("x.safetensors", bytes);
    try {
      check_accepted(SafetensorsFile(path), bytes.size());
      ++accepted;
    } catch (const Error& error) {  // anything else that is thrown fails the test
      ASSERT_EQ(error.code(), ErrorCode::checkpoint) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(accepted, 100);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace unmask
