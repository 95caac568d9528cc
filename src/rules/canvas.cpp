#include "rules/canvas.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace unmask {

Canvas::Canvas(std::span<const Segment> segments, int length, int mask_id)
    : ids_(ids_of(segments, mask_id)),
      prompt_size_(static_cast<int>(ids_.size())),
      mask_id_(mask_id) {
  for (const Segment& segment : segments) {
    const auto size = static_cast<std::size_t>(segment.size());
    open_.insert(open_.end(), size, segment.kind == Segment::Kind::open);
    editable_.insert(editable_.end(), size, segment.kind != Segment::Kind::given);
  }
  const std::size_t all = ids_.size() + static_cast<std::size_t>(length);
  ids_.resize(all, mask_id);
  open_.resize(all, true);
  editable_.resize(all, true);
}

Canvas::Canvas(std::span<const int> prompt, std::span<const int> open, int length, int mask_id)
    : ids_(prompt.begin(), prompt.end()),
      open_(prompt.size() + length, false),
      prompt_size_(static_cast<int>(prompt.size())),
      mask_id_(mask_id) {
  ids_.resize(prompt.size() + length, mask_id);
  std::fill(open_.begin() + prompt_size_, open_.end(), true);
  for (const int position : open) {
    open_.at(position) = true;
    ids_[position] = mask_id;
  }
  editable_ = open_;
}

std::vector<int> Canvas::open_positions(int begin, int end) const {
  std::vector<int> positions;
  for (int i = begin; i < end; ++i) {
    if (open_[i]) positions.push_back(i);
  }
  return positions;
}

int Canvas::count_open(int begin, int end) const {
  return static_cast<int>(std::count(open_.begin() + begin, open_.begin() + end, true));
}

std::vector<int> Canvas::editable_positions(int begin, int end) const {
  std::vector<int> positions;
  for (int i = begin; i < end; ++i) {
    if (editable_[i]) positions.push_back(i);
  }
  return positions;
}

bool Canvas::has_written(std::span<const int> ids) const {
  for (int i = 0; i < size(); ++i) {
    const bool written = editable_[i] && !open_[i];
    if (written && std::find(ids.begin(), ids.end(), ids_[i]) != ids.end()) return true;
  }
  return false;
}

void Canvas::apply(const Edit& edit) {
  const auto check = [&](int position) {
    if (!editable_.at(position)) {
      throw std::logic_error("a rule touched given text at position " + std::to_string(position));
    }
  };
  for (const Write& write : edit.writes) {
    check(write.position);
    ids_[write.position] = write.token;
    open_[write.position] = false;
  }
  for (const int position : edit.reopen) {
    check(position);
    ids_[position] = mask_id_;
    open_[position] = true;
  }
}

}  // namespace unmask
