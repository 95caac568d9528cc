// Nothing that can be asked for is left undocumented.
#include <gtest/gtest.h>

#include "base/testing.h"
#include "family/family.h"

namespace unmask {
namespace {

std::string document(const char* name) {
  return testing::content_of(std::filesystem::path(UNMASK_SOURCE) / name);
}

bool mentions(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

/// "--steps", but not as the beginning of "--steps-per".
bool mentions_flag(const std::string& text, const std::string& flag) {
  for (std::size_t at = text.find(flag); at != std::string::npos; at = text.find(flag, at + 1)) {
    const char next = at + flag.size() < text.size() ? text[at + flag.size()] : ' ';
    if (next != '-' && (next < 'a' || next > 'z')) return true;
  }
  return false;
}

TEST(Documentation, NamesEveryFamily) {
  const std::string parity = document("docs/parity.md");
  for (const Family* family : families()) {
    EXPECT_TRUE(mentions(parity, "`" + std::string(family->name) + "`"))
        << "docs/parity.md has no `" << family->name << "`";
  }
}

TEST(Documentation, NamesEveryPreset) {
  const std::string parity = document("docs/parity.md");
  for (const std::string_view preset : preset_names()) {
    EXPECT_TRUE(mentions(parity, "--preset " + std::string(preset) + "`") ||
                mentions(parity, "`" + std::string(preset) + "`"))
        << "docs/parity.md has no preset " << preset;
  }
}

TEST(Documentation, NamesEveryDecodingOption) {
  const std::string text = document("docs/parity.md") + document("README.md");
  for (const OptionSpec& option : option_specs()) {
    EXPECT_TRUE(mentions_flag(text, "--" + std::string(option.name)))
        << "neither docs/parity.md nor README.md has --" << option.name;
  }
}

}  // namespace
}  // namespace unmask
