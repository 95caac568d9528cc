#include "text/byte_alphabet.h"

#include <array>

#include "base/utf8.h"

namespace unmask {
namespace {

constexpr std::size_t kCodePoints = 0x144;  // the alphabet ends at U+0143

struct Alphabet {
  std::array<std::string, 256> character;
  std::array<int, kCodePoints> byte;  // -1: not in the alphabet

  Alphabet() {
    byte.fill(-1);
    char32_t next = 0x100;
    for (int value = 0; value < 256; ++value) {
      const bool printable =
          (value >= 0x21 && value <= 0x7E) || (value >= 0xA1 && value <= 0xAC) || value >= 0xAE;
      const char32_t code_point = printable ? static_cast<char32_t>(value) : next++;
      utf8::append(character[static_cast<std::size_t>(value)], code_point);
      byte[code_point] = value;
    }
  }
};

const Alphabet& alphabet() {
  static const Alphabet instance;
  return instance;
}

}  // namespace

std::string_view byte_character(std::uint8_t byte) { return alphabet().character[byte]; }

std::string to_byte_alphabet(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) text += byte_character(static_cast<std::uint8_t>(byte));
  return text;
}

std::optional<std::string> from_byte_alphabet(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text, at);
    if (!decoded || decoded->code_point >= kCodePoints) return std::nullopt;
    const int byte = alphabet().byte[decoded->code_point];
    if (byte < 0) return std::nullopt;
    bytes += static_cast<char>(byte);
    at += decoded->bytes;
  }
  return bytes;
}

}  // namespace unmask
