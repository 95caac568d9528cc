// The vocabulary: tokens as they are spelled, by id and by text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace unmask {

class TokenTable {
 public:
  static constexpr int kHighestId = (1 << 22) - 1;  ///< no vocabulary comes near four million

  /// Makes room, so that a large vocabulary is not copied while it grows.
  void reserve(std::size_t tokens, std::size_t bytes);

  enum class Insert { done, known_token, known_id };

  /// `id` is at most kHighestId. Ids need not come in order and may leave gaps.
  Insert insert(std::string_view token, int id);

  std::optional<int> find(std::string_view token) const;

  /// "" where there is no such token. Valid until the next insert.
  std::string_view text(int id) const;
  bool contains(int id) const;

  int size() const { return static_cast<int>(entries_.size()); }  ///< one more than the highest id

 private:
  struct Entry {
    std::uint32_t offset = kNone;
    std::uint32_t length = 0;
  };
  struct Slot {
    std::uint32_t hash = 0;
    std::int32_t id = -1;
  };
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  void rehash(std::size_t slots);
  std::size_t slot_of(std::string_view token, std::uint32_t hash) const;

  std::string bytes_;           // all tokens, one after the other
  std::vector<Entry> entries_;  // by id
  std::vector<Slot> slots_;     // open addressing, a power of two
  std::size_t count_ = 0;
};

}  // namespace unmask
