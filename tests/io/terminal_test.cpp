#include "io/terminal.h"

#include <gtest/gtest.h>

namespace unmask {
namespace {

TEST(VisibleControls, LeavesTextLinesAndTabsAlone) {
  const std::string text = "a\tb\nGrüße 👩‍👩‍👧 שלום";
  EXPECT_EQ(visible_controls(text), text);
}

TEST(VisibleControls, ShowsEscapeSequencesInsteadOfSendingThem) {
  EXPECT_EQ(visible_controls("\x1b]52;c;aGk=\x07"), "␛]52;c;aGk=␇");
  EXPECT_EQ(visible_controls("\x1b[2J\r\x7f"), "␛[2J␍␡");
  EXPECT_EQ(visible_controls(std::string("a\0b", 3)), "a␀b");
}

TEST(VisibleControls, ReplacesC1ControlsAndReorderingMarks) {
  EXPECT_EQ(visible_controls("a\u009b2Jb"), "a\uFFFD2Jb");
  EXPECT_EQ(visible_controls("a\u202Eb\u2066c\u200Fd"), "a\uFFFDb\uFFFDc\uFFFDd");
}

TEST(VisibleControls, ReplacesInvalidBytes) {
  EXPECT_EQ(visible_controls("a\x9b\xff"), "a\uFFFD\uFFFD");
}

TEST(VisibleControls, LeavesNoControlByteForAnyPairOfBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second), 'x'};
      for (const char shown : visible_controls(text)) {
        const auto byte = static_cast<unsigned char>(shown);
        ASSERT_TRUE(byte == '\n' || byte == '\t' || (byte >= 0x20 && byte != 0x7F))
            << first << " " << second;
      }
    }
  }
}

}  // namespace
}  // namespace unmask
