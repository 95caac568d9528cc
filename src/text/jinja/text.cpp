#include "text/jinja/text.h"

namespace unmask::jinja {

void Text::append(std::string_view bytes, bool own) {
  if (bytes.empty()) return;
  if (own != last_own_) {
    if (!bytes_.empty()) ends_.push_back(bytes_.size());
    last_own_ = own;
  }
  bytes_ += bytes;
}

void Text::append(const Text& text, std::size_t from, std::size_t to) {
  text.each_run(from, to, [&](std::size_t begin, std::size_t end, bool own) {
    append(text.bytes().substr(begin, end - begin), own);
  });
}

Text Text::part(std::size_t from, std::size_t to) const {
  Text result;
  result.append(*this, from, to);
  return result;
}

std::size_t Text::run_at(std::size_t offset) const {
  const auto run = std::upper_bound(ends_.begin(), ends_.end(), offset);
  return static_cast<std::size_t>(run - ends_.begin());
}

}  // namespace unmask::jinja
