#include "text/token_table.h"

#include <bit>
#include <functional>
#include <utility>

#include "unmask/error.h"

namespace unmask {
namespace {

std::uint32_t hash_of(std::string_view token) {
  const std::size_t hash = std::hash<std::string_view>{}(token);
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

}  // namespace

void TokenTable::reserve(std::size_t tokens, std::size_t bytes) {
  bytes_.reserve(bytes);
  entries_.reserve(tokens);
  if (tokens * 2 > slots_.size()) rehash(std::bit_ceil(tokens * 2));
}

void TokenTable::rehash(std::size_t slots) {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots));
  for (const Slot& slot : old) {
    if (slot.id >= 0) slots_[slot_of(text(slot.id), slot.hash)] = slot;
  }
}

// Where `token` is, or would go.
std::size_t TokenTable::slot_of(std::string_view token, std::uint32_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].id >= 0 && !(slots_[at].hash == hash && text(slots_[at].id) == token)) {
    at = (at + 1) & mask;
  }
  return at;
}

TokenTable::Insert TokenTable::insert(std::string_view token, int id) {
  if (contains(id)) return Insert::known_id;
  if ((count_ + 1) * 2 > slots_.size()) rehash(std::bit_ceil((count_ + 8) * 4));
  const std::uint32_t hash = hash_of(token);
  const std::size_t at = slot_of(token, hash);
  if (slots_[at].id >= 0) return Insert::known_token;
  if (bytes_.size() + token.size() >= kNone) {
    throw Error(ErrorCode::checkpoint, "the vocabulary has more than 4 GiB of text");
  }
  const auto index = static_cast<std::size_t>(id);
  if (index >= entries_.size()) entries_.resize(index + 1);
  entries_[index] = {static_cast<std::uint32_t>(bytes_.size()),
                     static_cast<std::uint32_t>(token.size())};
  bytes_ += token;
  slots_[at] = {hash, id};
  ++count_;
  return Insert::done;
}

std::optional<int> TokenTable::find(std::string_view token) const {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[slot_of(token, hash_of(token))];
  if (slot.id < 0) return std::nullopt;
  return slot.id;
}

bool TokenTable::contains(int id) const {
  return id >= 0 && id < size() && entries_[static_cast<std::size_t>(id)].offset != kNone;
}

std::string_view TokenTable::text(int id) const {
  if (!contains(id)) return {};
  const Entry& entry = entries_[static_cast<std::size_t>(id)];
  return std::string_view(bytes_).substr(entry.offset, entry.length);
}

}  // namespace unmask
