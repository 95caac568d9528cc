#include "batch/id_set.h"

#include <functional>

namespace unmask {
namespace {

constexpr std::size_t kFirstSlots = 1024;

static_assert(sizeof(std::size_t) == 8, "std::hash must give 64 bits");

}  // namespace

bool IdSet::insert(std::string_view id) {
  if ((size_ + 1) * 4 > slots_.size() * 3) grow();
  const std::uint64_t hash = std::hash<std::string_view>{}(id);
  if (!place(hash == 0 ? 1 : hash)) return false;
  ++size_;
  return true;
}

// Linear probing: the hash is as good as random, and at least a quarter of the slots is empty.
bool IdSet::place(std::uint64_t hash) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    if (slots_[slot] == hash) return false;
  }
  slots_[slot] = hash;
  return true;
}

void IdSet::grow() {
  std::vector<std::uint64_t> old(slots_.empty() ? kFirstSlots : slots_.size() * 2, 0);
  old.swap(slots_);
  for (const std::uint64_t hash : old) {
    if (hash != 0) place(hash);
  }
}

}  // namespace unmask
