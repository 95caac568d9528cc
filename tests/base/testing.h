// What tests of every folder share.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "unmask/error.h"

namespace unmask::testing {

/// The whole content of a file, however large.
inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The path of something under tests/fixtures.
inline std::filesystem::path fixture(std::string_view name) {
  return std::filesystem::path(UNMASK_FIXTURES) / name;
}

/// A folder of its own for one test, removed with all it holds. Others may enter and read it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    namespace fs = std::filesystem;
    std::string pattern = fs::canonical(fs::temp_directory_path()) / "unmask-test-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
    fs::permissions(path_, fs::perms(0755));
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  /// Writes a file, making the folders on the way, and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view content) const {
    const std::filesystem::path path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::filesystem::remove(path);  // some file systems are slow at overwriting
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

 private:
  std::filesystem::path path_;
};

/// Succeeds when `action` throws an unmask::Error with that code whose message and hint together
/// contain all `words`.
template <typename Action>
::testing::AssertionResult fails_with(ErrorCode code, std::initializer_list<std::string_view> words,
                                      Action action) {
  try {
    action();
  } catch (const Error& error) {
    const std::string text = std::string(error.what()) + "\nhint: " + error.hint();
    if (error.code() != code) {
      return ::testing::AssertionFailure()
             << "code is " << static_cast<int>(error.code()) << ": " << text;
    }
    for (const std::string_view word : words) {
      if (text.find(word) == std::string::npos) {
        return ::testing::AssertionFailure() << "no '" << word << "' in: " << text;
      }
    }
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << "nothing was thrown";
}

}  // namespace unmask::testing
