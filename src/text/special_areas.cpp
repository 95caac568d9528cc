#include "text/special_areas.h"

#include <algorithm>

#include "base/utf8.h"
#include "unmask/error.h"

namespace unmask {

std::string join_spans(std::span<const TextSpan> spans) {
  std::string text;
  for (const TextSpan& span : spans) {
    if (const auto invalid = utf8::first_invalid(span.text)) {
      throw Error(ErrorCode::usage,
                  "the text is not valid UTF-8 at byte " + std::to_string(text.size() + *invalid));
    }
    text += span.text;
  }
  return text;
}

SpecialAreas::SpecialAreas(std::span<const TextSpan> spans) {
  for (const TextSpan& span : spans) append(span.text.size(), span.allow_special);
}

void SpecialAreas::append(std::size_t bytes, bool allowed) {
  if (bytes == 0) return;
  const std::size_t end = (areas_.empty() ? 0 : areas_.back().end) + bytes;
  if (!areas_.empty() && areas_.back().allowed == allowed) {
    areas_.back().end = end;
  } else {
    areas_.push_back({end, allowed});
  }
}

SpecialAreas SpecialAreas::part(std::size_t from, std::size_t to) const {
  SpecialAreas result;
  std::size_t begin = 0;
  for (const Area& area : areas_) {
    const std::size_t first = std::max(from, begin);
    const std::size_t last = std::min(to, area.end);
    if (first < last) result.append(last - first, area.allowed);
    begin = area.end;
  }
  return result;
}

bool SpecialAreas::allows(std::size_t from, std::size_t to) const {
  const auto area = std::upper_bound(areas_.begin(), areas_.end(), from,
                                     [](std::size_t at, const Area& a) { return at < a.end; });
  return area != areas_.end() && area->allowed && to <= area->end;
}

}  // namespace unmask
