// Which ids have been seen: for batches of millions of lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace unmask {

/// Keeps 64 bits of each id, so a million take 17 MB. Two different ids look the same with a
/// probability of n²/2^65: 3e-8 for a million.
class IdSet {
 public:
  /// False where the id is in the set already.
  bool insert(std::string_view id);
  std::size_t size() const { return size_; }

 private:
  void grow();
  bool place(std::uint64_t hash);

  std::vector<std::uint64_t> slots_;  // a power of two of them; 0 is an empty one
  std::size_t size_ = 0;
};

}  // namespace unmask
