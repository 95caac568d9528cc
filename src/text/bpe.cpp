#include "text/bpe.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <queue>
#include <span>
#include <utility>

namespace unmask {
namespace {

std::uint64_t pair_of(int left, int right) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 |
         static_cast<std::uint32_t>(right);
}

// Words are short, and for them looking at every pair each time is the fastest way.
constexpr std::size_t kShort = 24;

std::size_t merge_short(const MergeTable& merges, std::span<int> symbols) {
  constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();
  MergeTable::Merge pairs[kShort];  // pairs[i] merges symbols[i] and symbols[i + 1]
  std::size_t size = symbols.size();
  const auto look_up = [&](std::size_t i) {
    const auto* merge = merges.find(symbols[i], symbols[i + 1]);
    pairs[i] = merge != nullptr ? *merge : MergeTable::Merge{kNever, 0};
  };
  for (std::size_t i = 0; i + 1 < size; ++i) look_up(i);
  while (size > 1) {
    const auto* const best = std::min_element(
        pairs, pairs + size - 1, [](const auto& a, const auto& b) { return a.rank < b.rank; });
    if (best->rank == kNever) break;
    const auto at = static_cast<std::size_t>(best - pairs);
    symbols[at] = best->id;
    std::copy(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 2,
              symbols.begin() + static_cast<std::ptrdiff_t>(size),
              symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    std::copy(pairs + at + 1, pairs + size - 1, pairs + at);
    --size;
    if (at + 1 < size) look_up(at);
    if (at > 0) look_up(at - 1);
  }
  return size;
}

// A doubly linked list of symbols and a heap of the merges that were possible when they were seen.
class LongMerge {
 public:
  LongMerge(const MergeTable& merges, std::span<int> symbols)
      : merges_(merges), symbols_(symbols), next_(symbols.size()), previous_(symbols.size()) {
    for (std::uint32_t i = 0; i < symbols.size(); ++i) {
      previous_[i] = i - 1;  // of the first: past the end, like the last one's next
      next_[i] = i + 1;
    }
    std::vector<std::uint64_t> candidates;
    for (std::uint32_t i = 0; i + 1 < symbols.size(); ++i) {
      if (const auto* merge = merges.find(symbols[i], symbols[i + 1])) {
        candidates.push_back(candidate(merge->rank, i));
      }
    }
    heap_ = Heap(std::greater<>{}, std::move(candidates));
  }

  // Returns how many symbols are left; they are moved to the front.
  std::size_t run() {
    while (!heap_.empty()) {
      const std::uint64_t top = heap_.top();
      heap_.pop();
      const auto at = static_cast<std::uint32_t>(top);
      if (symbols_[at] == kGone || next_[at] >= symbols_.size()) continue;
      const auto* merge = merges_.find(symbols_[at], symbols_[next_[at]]);
      // A neighbour has changed since: this pair has its own entry, if it can merge at all.
      if (merge == nullptr || merge->rank != top >> 32) continue;
      join(at, merge->id);
    }
    return static_cast<std::size_t>(std::remove(symbols_.begin(), symbols_.end(), kGone) -
                                    symbols_.begin());
  }

 private:
  using Heap = std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>>;
  static constexpr int kGone = -1;

  // Orders by rank, then from left to right.
  static std::uint64_t candidate(std::uint32_t rank, std::uint32_t at) {
    return static_cast<std::uint64_t>(rank) << 32 | at;
  }

  void join(std::uint32_t at, int id) {
    const std::uint32_t eaten = next_[at];
    symbols_[at] = id;
    symbols_[eaten] = kGone;
    next_[at] = next_[eaten];
    if (next_[at] < symbols_.size()) previous_[next_[at]] = at;
    consider(previous_[at], at);
    consider(at, next_[at]);
  }

  void consider(std::uint32_t left, std::uint32_t right) {
    if (left >= symbols_.size() || right >= symbols_.size()) return;
    if (const auto* merge = merges_.find(symbols_[left], symbols_[right])) {
      heap_.push(candidate(merge->rank, left));
    }
  }

  const MergeTable& merges_;
  std::span<int> symbols_;
  std::vector<std::uint32_t> next_;
  std::vector<std::uint32_t> previous_;
  Heap heap_;
};

}  // namespace

void MergeTable::reserve(std::size_t merges) {
  if (merges * 2 > slots_.size()) rehash(std::bit_ceil(merges * 2));
}

void MergeTable::rehash(std::size_t slots) {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots));
  for (const Slot& slot : old) {
    if (slot.pair != kEmpty) slots_[slot_of(slot.pair)] = slot;
  }
}

// Where `pair` is, or would go.
std::size_t MergeTable::slot_of(std::uint64_t pair) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = (pair * 0x9E3779B97F4A7C15U) >> 32 & mask;  // Fibonacci hashing
  while (slots_[at].pair != pair && slots_[at].pair != kEmpty) at = (at + 1) & mask;
  return at;
}

bool MergeTable::add(int left, int right, int id) {
  if ((count_ + 1) * 2 > slots_.size()) rehash(std::bit_ceil((count_ + 8) * 4));
  Slot& slot = slots_[slot_of(pair_of(left, right))];
  if (slot.pair != kEmpty) return false;
  slot = {pair_of(left, right), {static_cast<std::uint32_t>(count_++), id}};
  return true;
}

const MergeTable::Merge* MergeTable::find(int left, int right) const {
  if (slots_.empty()) return nullptr;
  const Slot& slot = slots_[slot_of(pair_of(left, right))];
  return slot.pair == kEmpty ? nullptr : &slot.merge;
}

void apply_merges(const MergeTable& merges, std::vector<int>& symbols, std::size_t from) {
  const std::span<int> word = std::span(symbols).subspan(from);
  if (word.size() < 2) return;
  const std::size_t left =
      word.size() <= kShort ? merge_short(merges, word) : LongMerge(merges, word).run();
  symbols.resize(from + left);
}

}  // namespace unmask
