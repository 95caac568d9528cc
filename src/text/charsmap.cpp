#include "text/charsmap.h"

#include <cstdint>

namespace unmask {
namespace {

constexpr std::uint32_t kLabels = 256;

std::uint32_t word(std::string_view bytes, std::size_t index) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[index * 4 + i]);
  }
  return value;
}

// One unit of the double array.
struct Unit {
  std::uint32_t bits;

  bool has_value() const { return (bits >> 8 & 1) != 0; }
  std::uint32_t value() const { return bits & 0x7FFFFFFF; }
  std::uint32_t label() const { return bits & 0x800000FF; }
  std::uint32_t offset() const { return (bits >> 10) << ((bits & 0x200) >> 6); }
};

}  // namespace

std::optional<std::string> charsmap_problem(std::string_view charsmap) {
  if (charsmap.size() < 4) return "is too short";
  const std::size_t trie_bytes = word(charsmap, 0);
  if (trie_bytes % 4 != 0 || trie_bytes == 0 || trie_bytes >= charsmap.size() - 4) {
    return "has a trie of " + std::to_string(trie_bytes) + " bytes in " +
           std::to_string(charsmap.size());
  }
  const std::string_view trie = charsmap.substr(4, trie_bytes);
  const std::string_view strings = charsmap.substr(4 + trie_bytes);
  if (strings.back() != '\0') return "has a replacement string without end";

  // A lookup stands on the root or on a unit whose label is a byte, and goes on within the 256
  // units around the place that its offset leads to.
  const std::size_t units = trie_bytes / 4;
  for (std::size_t at = 0; at < units; ++at) {
    const Unit unit{word(trie, at)};
    if (at != 0 && unit.label() >= kLabels) continue;
    const std::size_t children = at ^ unit.offset();
    if ((children | (kLabels - 1)) >= units) return "has a trie that points outside of itself";
    if (unit.has_value() && Unit{word(trie, children)}.value() >= strings.size()) {
      return "has a trie that points outside of its strings";
    }
  }
  return std::nullopt;
}

}  // namespace unmask
