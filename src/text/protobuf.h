// Reading a protocol buffer message field by field; only what checking a file needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace unmask {

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

struct ProtobufField {
  std::uint32_t number;
  WireType type;
  std::uint64_t value = 0;  ///< of a varint, fixed64 or fixed32
  std::string_view bytes;   ///< of a string, bytes or a message inside
};

class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}

  bool done() const { return rest_.empty(); }

  /// The next field; nullopt when the message is cut off or malformed. Groups are malformed too:
  /// they went out of use before any file that concerns us.
  std::optional<ProtobufField> next();

 private:
  std::optional<std::uint64_t> varint();
  std::optional<std::uint64_t> little_endian(std::size_t bytes);

  std::string_view rest_;
};

}  // namespace unmask
