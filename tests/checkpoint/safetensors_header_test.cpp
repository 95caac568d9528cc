// What is wrong with the header of a safetensors file, one kind of damage a test.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "base/testing.h"
#include "checkpoint/raw_safetensors.h"

namespace {

std::atomic<std::size_t> largest_allocation = 0;

void* allocate(std::size_t size) {
  if (size > largest_allocation) largest_allocation = size;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

// For this test program as a whole: an allocation sized by a hostile file must not go unseen.
void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace unmask {
namespace {

using std::string_literals::operator""s;
using testing::fails_with;
using testing::length_prefix;
using testing::raw_safetensors;

class SafetensorsHeader : public ::testing::Test {
 protected:
  // Opening a file with these bytes fails with all `words` in the message.
  ::testing::AssertionResult refuses(const std::string& bytes,
                                     std::initializer_list<std::string_view> words) const {
    const auto path = folder_.write("x.safetensors", bytes);
    return fails_with(ErrorCode::checkpoint, words, [&] { SafetensorsFile{path}; });
  }

  // The same for one tensor 'w' with this entry and eight bytes of data.
  ::testing::AssertionResult refuses_entry(const std::string& entry,
                                           std::initializer_list<std::string_view> words) const {
    return refuses(raw_safetensors("{\"w\":" + entry + "}", 8), words);
  }

  SafetensorsFile open(const std::string& bytes) const {
    return SafetensorsFile(folder_.write("x.safetensors", bytes));
  }

  testing::TemporaryFolder folder_;
};

constexpr const char* kEntry = R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})";

TEST_F(SafetensorsHeader, RejectsFilesTooSmallForALength) {
  for (std::size_t size = 0; size < 8; ++size) {
    EXPECT_TRUE(refuses(std::string(size, '\1'),
                        {"file is " + std::to_string(size) + " bytes", "8-byte length"}));
  }
}

TEST_F(SafetensorsHeader, RejectsLengthsThatCannotBe) {
  const std::string rest = "{}" + std::string(100, ' ');
  for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 63,
                                     ~std::uint64_t{0}, ~std::uint64_t{7}}) {
    largest_allocation = 0;
    EXPECT_TRUE(refuses(length_prefix(length) + rest,
                        {"header length is " + std::to_string(length), "must be from 2"}));
    EXPECT_LT(largest_allocation, std::size_t{1} << 20);
  }
}

TEST_F(SafetensorsHeader, RejectsALengthBeyondTheEndOfTheFile) {
  largest_allocation = 0;
  EXPECT_TRUE(refuses(length_prefix(20'000'000) + "{}",
                      {"20000000 bytes", "only 2 follow", "incomplete download"}));
  EXPECT_TRUE(refuses(length_prefix(3) + "{}", {"3 bytes", "only 2 follow"}));
  EXPECT_LT(largest_allocation, std::size_t{1} << 20);
}

TEST_F(SafetensorsHeader, RejectsMoreThanTheLimitInsideALargeFile) {
  const std::size_t limit = SafetensorsLimits::kHeaderBytes;
  const auto padded = [](std::size_t size) { return "{}" + std::string(size - 2, ' '); };
  EXPECT_NO_THROW(open(raw_safetensors(padded(limit), 0)));
  EXPECT_TRUE(refuses(raw_safetensors(padded(limit + 1), 0),
                      {std::to_string(limit + 1), "to " + std::to_string(limit)}));
}

TEST_F(SafetensorsHeader, RejectsOffsetsThatAreNoNaturalNumbers) {
  for (const char* offsets : {"[-1,7]", "[0,8.0]", "[0,8e0]", "[\"0\",8]", "[null,8]", "[[0],8]",
                              "[0,true]", "[0,18446744073709551615]"}) {
    EXPECT_TRUE(refuses_entry(R"({"dtype":"F32","shape":[2],"data_offsets":)"s + offsets + "}",
                              {"tensor 'w'", "data_offsets[", "must be an integer of at least 0"}));
  }
  EXPECT_TRUE(
      refuses_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551616]})",
                    {"data_offsets[1]' is 18446744073709551616, which is out of range"}));
}

TEST_F(SafetensorsHeader, RejectsOffsetsInTheWrongOrderOrNumber) {
  EXPECT_TRUE(refuses_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})",
                            {"'data_offsets' is [8, 0]", "behind the end"}));
  EXPECT_TRUE(refuses_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8,8]})",
                            {"has 3 elements, must be 2"}));
  EXPECT_TRUE(refuses_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[8]})",
                            {"has 1 elements, must be 2"}));
  EXPECT_TRUE(refuses_entry(R"({"dtype":"F32","shape":[2],"data_offsets":8})",
                            {"'data_offsets' is 8, must be an array"}));
}

TEST_F(SafetensorsHeader, RejectsShapesThatOverflow) {
  for (const char* shape :
       {"[1099511627776,1099511627776]", "[9223372036854775807]", "[4611686018427387904,1]",
        "[2147483648,2147483648,2]", "[4294967296,4294967296,4294967296,4294967296]"}) {
    EXPECT_TRUE(refuses_entry(R"({"dtype":"F32","data_offsets":[0,0],"shape":)"s + shape + "}",
                              {"tensor 'w'", "overflows"}))
        << shape;
  }
}

TEST_F(SafetensorsHeader, RejectsExtentsThatAreNoNaturalNumbers) {
  for (const char* shape : {"[-2]", "[2.0]", "[\"2\"]", "[18446744073709551615]"}) {
    EXPECT_TRUE(refuses_entry(R"({"dtype":"F32","data_offsets":[0,8],"shape":)"s + shape + "}",
                              {"'shape[0]'", "must be an integer of at least 0"}));
  }
  EXPECT_TRUE(refuses_entry(R"({"dtype":"F32","data_offsets":[0,8],"shape":2})",
                            {"'shape' is 2, must be an array"}));
}

TEST_F(SafetensorsHeader, RejectsMoreThanEightDimensions) {
  const auto entry = [](const std::string& shape) {
    return R"({"dtype":"F32","data_offsets":[0,8],"shape":)" + shape + "}";
  };
  EXPECT_NO_THROW(open(raw_safetensors("{\"w\":" + entry("[1,1,1,1,1,1,1,2]") + "}", 8)));
  EXPECT_TRUE(refuses_entry(entry("[1,1,1,1,1,1,1,1,2]"), {"9 dimensions, at most 8"}));
}

TEST_F(SafetensorsHeader, AcceptsScalarsAndTensorsWithoutElements) {
  const auto file = open(raw_safetensors(
      R"({"scalar":{"dtype":"F32","shape":[],"data_offsets":[0,4]},
          "empty":{"dtype":"F32","shape":[3,0,2],"data_offsets":[4,4]}})",
      4));
  EXPECT_EQ(file.tensors().at("scalar").bytes.size(), 4U);
  EXPECT_EQ(file.tensors().at("empty").bytes.size(), 0U);
}

TEST_F(SafetensorsHeader, RejectsAnEmptyTensorInsideAnother) {
  EXPECT_TRUE(refuses(raw_safetensors(R"({"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},
                                          "e":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}})",
                                      8),
                      {"tensor 'e'", "overlap"}));
}

TEST_F(SafetensorsHeader, RejectsUnknownAndUnsupportedDtypes) {
  for (const char* dtype : {"f32", "F8_E4M3", "F4", "U64", "C64", "", "FLOAT"}) {
    EXPECT_TRUE(refuses_entry(R"({"dtype":")"s + dtype + R"(","shape":[2],"data_offsets":[0,8]})",
                              {"tensor 'w'", "'"s + dtype + "'", "not supported", "BF16"}));
  }
  EXPECT_TRUE(refuses_entry(R"({"dtype":32,"shape":[2],"data_offsets":[0,8]})",
                            {"'dtype' is 32, must be a string"}));
}

TEST_F(SafetensorsHeader, RejectsASizeThatIsNotShapeTimesDtype) {
  EXPECT_TRUE(refuses_entry(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})",
                            {"tensor 'w'", "spans 8 bytes", "need 12"}));
  EXPECT_TRUE(refuses_entry(R"({"dtype":"BF16","shape":[2],"data_offsets":[0,8]})",
                            {"spans 8 bytes", "need 4"}));
  EXPECT_TRUE(refuses_entry(R"({"dtype":"F32","shape":[0],"data_offsets":[0,8]})",
                            {"spans 8 bytes", "need 0"}));
}

TEST_F(SafetensorsHeader, RejectsEntriesThatLackAField) {
  EXPECT_TRUE(refuses_entry(R"({"shape":[2],"data_offsets":[0,8]})", {"'dtype' is missing"}));
  EXPECT_TRUE(refuses_entry(R"({"dtype":"F32","data_offsets":[0,8]})", {"'shape' is missing"}));
  EXPECT_TRUE(refuses_entry(R"({"dtype":"F32","shape":[2]})", {"'data_offsets' is missing"}));
  EXPECT_TRUE(refuses_entry("[]", {"tensor 'w'", "must be an object"}));
  EXPECT_TRUE(refuses_entry("null", {"tensor 'w'", "must be an object"}));
}

TEST_F(SafetensorsHeader, RejectsATensorDefinedTwice) {
  const std::string entry = kEntry;
  EXPECT_TRUE(refuses(raw_safetensors("{\"w\":" + entry + ",\"w\":" + entry + "}", 8),
                      {"'w' is defined twice"}));
  EXPECT_TRUE(refuses(
      raw_safetensors(
          "{\"w\":" + entry + R"(,"w":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}})", 8),
      {"'w' is defined twice"}));
  EXPECT_TRUE(refuses_entry(R"({"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]})",
                            {"'shape' is defined twice"}));
}

TEST_F(SafetensorsHeader, AcceptsOnlyTextAsMetadata) {
  EXPECT_EQ(open(raw_safetensors(R"({"__metadata__":{"format":"pt","a":""}})", 0)).tensors().size(),
            0U);
  for (const char* metadata : {R"({"a":1})", R"({"a":{"b":"c"}})", R"({"a":null})",
                               R"({"a":["b"]})", R"("text")", "null", "[]", kEntry}) {
    EXPECT_TRUE(
        refuses(raw_safetensors("{\"__metadata__\":"s + metadata + "}", 8), {"__metadata__"}))
        << metadata;
  }
}

TEST_F(SafetensorsHeader, RejectsAMillionKeys) {
  std::string members;
  for (int i = 0; i < 1'000'000; ++i) members += ",\"" + std::to_string(i) + "\":\"\"";
  members.erase(0, 1);
  EXPECT_TRUE(refuses(raw_safetensors("{\"__metadata__\":{" + members + "}}", 0),
                      {"more than 200000 keys"}));
  EXPECT_TRUE(refuses(raw_safetensors("{" + members + "}", 0), {"more than 200000 keys"}));
}

TEST_F(SafetensorsHeader, RejectsDeepNestingAndLongNames) {
  EXPECT_TRUE(
      refuses(raw_safetensors("{\"w\":" + std::string(5'000'000, '['), 0), {"deeper than 16"}));
  const std::string entry = kEntry;
  EXPECT_NO_THROW(open(raw_safetensors("{\"" + std::string(512, 'n') + "\":" + entry + "}", 8)));
  EXPECT_TRUE(refuses(raw_safetensors("{\"" + std::string(513, 'n') + "\":" + entry + "}", 8),
                      {"513 bytes, at most 512"}));
  EXPECT_TRUE(
      refuses(raw_safetensors("{\"" + std::string(1 << 20, 'n') + "\":1}", 8), {"at most 512"}));
}

TEST_F(SafetensorsHeader, RejectsWhatIsNoJsonObjectInUtf8) {
  const std::string header = "{\"w\":"s + kEntry + "}";
  EXPECT_TRUE(refuses(raw_safetensors("\xEF\xBB\xBF" + header, 8), {"header:1:1", "u{feff}"}));
  EXPECT_TRUE(refuses(raw_safetensors("{\"\xFF\":"s + kEntry + "}", 8), {"not valid UTF-8"}));
  EXPECT_TRUE(refuses(raw_safetensors(header + "\0"s, 8), {"\\x00"}));
  EXPECT_TRUE(refuses(raw_safetensors("\0"s + header, 8), {"\\x00"}));
  EXPECT_TRUE(refuses(raw_safetensors(header + "x", 8), {"'x'"}));
  EXPECT_TRUE(refuses(raw_safetensors("[]", 0), {"must be a JSON object"}));
  EXPECT_TRUE(refuses(raw_safetensors("42", 0), {"must be a JSON object"}));
}

TEST_F(SafetensorsHeader, AcceptsJsonWhitespaceOnBothSides) {
  const std::string header = "{\"w\":"s + kEntry + "}";
  EXPECT_EQ(open(raw_safetensors(" \t\r\n" + header + " \t\r\n", 8)).tensors().size(), 1U);
}

TEST_F(SafetensorsHeader, AcceptsNamesThatLookLikePathsAndShowsThemEscaped) {
  const auto file = open(raw_safetensors(R"({"../../etc/passwd":)"s + kEntry + "}", 8));
  EXPECT_TRUE(file.tensors().contains("../../etc/passwd"));
  EXPECT_TRUE(refuses(
      raw_safetensors(
          R"({"a\u001b[31m\n\u200f/..":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8),
      {R"(tensor 'a\x1b[31m\n\u{200f}/..')"}));
}

TEST_F(SafetensorsHeader, ExplainsAGitLfsPointer) {
  EXPECT_TRUE(refuses("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1234\n",
                      {"Git LFS pointer", "git lfs pull"}));
}

}  // namespace
}  // namespace unmask
