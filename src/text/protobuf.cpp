#include "text/protobuf.h"

namespace unmask {

std::optional<std::uint64_t> ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    if (shift == 63 && byte > 1) return std::nullopt;  // more than 64 bits
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ProtobufReader::little_endian(std::size_t bytes) {
  if (rest_.size() < bytes) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(rest_[i]);
  }
  rest_.remove_prefix(bytes);
  return value;
}

std::optional<ProtobufField> ProtobufReader::next() {
  const auto tag = varint();
  if (!tag || *tag >> 3 == 0 || *tag > 0xFFFFFFFF) return std::nullopt;
  ProtobufField field{
      static_cast<std::uint32_t>(*tag >> 3), static_cast<WireType>(*tag & 7), 0, {}};
  std::optional<std::uint64_t> value;
  switch (field.type) {
    case WireType::varint:
    case WireType::bytes:
      value = varint();
      break;
    case WireType::fixed64:
      value = little_endian(8);
      break;
    case WireType::fixed32:
      value = little_endian(4);
      break;
  }
  if (!value) return std::nullopt;
  if (field.type != WireType::bytes) {
    field.value = *value;
    return field;
  }
  if (*value > rest_.size()) return std::nullopt;
  field.bytes = rest_.substr(0, static_cast<std::size_t>(*value));
  rest_.remove_prefix(field.bytes.size());
  return field;
}

}  // namespace unmask
