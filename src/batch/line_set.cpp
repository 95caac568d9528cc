#include "batch/line_set.h"

namespace unmask {
namespace {

struct BitPlace {
  std::uint64_t page;
  std::size_t word;
  std::uint64_t bit;
};

BitPlace place_of(std::uint64_t line, std::uint64_t words) {
  return {line / (64 * words), static_cast<std::size_t>(line / 64 % words),
          std::uint64_t{1} << line % 64};
}

}  // namespace

void LineSet::add(std::uint64_t line) {
  const BitPlace place = place_of(line, kWords);
  std::uint64_t& word = pages_.try_emplace(place.page, Page{}).first->second.at(place.word);
  if ((word & place.bit) == 0) ++size_;
  word |= place.bit;
}

void LineSet::remove(std::uint64_t line) {
  if (!contains(line)) return;
  const BitPlace place = place_of(line, kWords);
  pages_.at(place.page).at(place.word) &= ~place.bit;
  --size_;
}

bool LineSet::contains(std::uint64_t line) const {
  const BitPlace place = place_of(line, kWords);
  const auto page = pages_.find(place.page);
  return page != pages_.end() && (page->second.at(place.word) & place.bit) != 0;
}

}  // namespace unmask
