// Which lines of a long file: a bitmap.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

namespace unmask {

/// A set of line numbers. A million of them take 140 kB; far numbers cost no more than near ones.
class LineSet {
 public:
  void add(std::uint64_t line);
  void remove(std::uint64_t line);
  bool contains(std::uint64_t line) const;
  std::uint64_t size() const { return size_; }

 private:
  static constexpr std::uint64_t kWords = 64;  // of a page: 4,096 lines
  using Page = std::array<std::uint64_t, kWords>;

  std::unordered_map<std::uint64_t, Page> pages_;
  std::uint64_t size_ = 0;
};

}  // namespace unmask
