// Byte-pair merging: from single symbols to the longest tokens that the ranked merges make.
#pragma once

#include <cstdint>
#include <vector>

namespace unmask {

class MergeTable {
 public:
  struct Merge {
    std::uint32_t rank;  ///< lower merges come first
    int id;              ///< the token that left and right become
  };

  void reserve(std::size_t merges);

  /// The next merge, of the lowest priority so far. False when this pair has one already.
  bool add(int left, int right, int id);

  const Merge* find(int left, int right) const;

  std::size_t size() const { return count_; }

 private:
  struct Slot {
    std::uint64_t pair = kEmpty;
    Merge merge{};
  };
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};

  void rehash(std::size_t slots);
  std::size_t slot_of(std::uint64_t pair) const;

  std::vector<Slot> slots_;  // open addressing, a power of two
  std::size_t count_ = 0;
};

/// Merges neighbours in `symbols[from..]` until no merge applies: always the lowest rank, leftmost
/// first. Each merge shortens the list, so this ends whatever the table says.
/// Cost: n log n in the number of symbols.
void apply_merges(const MergeTable& merges, std::vector<int>& symbols, std::size_t from);

}  // namespace unmask
