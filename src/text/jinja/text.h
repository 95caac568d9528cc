// Text that remembers, byte by byte, whether the template wrote it or somebody gave it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace unmask::jinja {

/// Own bytes are the template's literals and the tokens that the checkpoint names; all others are
/// given: messages, tools, documents, numbers. Only own bytes may become special tokens.
class Text {
 public:
  Text() = default;
  Text(std::string bytes, bool own) : bytes_(std::move(bytes)), last_own_(own) {}

  std::string_view bytes() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

  /// What it takes in memory, roughly.
  std::size_t footprint() const {
    return bytes_.capacity() + ends_.capacity() * sizeof(std::size_t);
  }

  void append(std::string_view bytes, bool own);
  void append(const Text& text) { append(text, 0, text.size()); }
  void append(const Text& text, std::size_t from, std::size_t to);

  Text part(std::size_t from, std::size_t to) const;
  bool own_at(std::size_t offset) const { return own_of_run(run_at(offset)); }

  /// Calls visit(from, to, own) for each run of one kind within [from, to).
  template <typename Visit>
  void each_run(std::size_t from, std::size_t to, Visit visit) const {
    for (std::size_t run = run_at(from); from < to; ++run) {
      const std::size_t end = std::min(run < ends_.size() ? ends_[run] : bytes_.size(), to);
      visit(from, end, own_of_run(run));
      from = end;
    }
  }

 private:
  std::size_t run_at(std::size_t offset) const;
  bool own_of_run(std::size_t run) const { return last_own_ != ((ends_.size() - run) % 2 == 1); }

  std::string bytes_;
  std::vector<std::size_t> ends_;  // of the runs before the last; kinds alternate
  bool last_own_ = false;
};

}  // namespace unmask::jinja
