#include "unmask/request.h"

#include <numeric>

namespace unmask {

int length_of(std::span<const Segment> segments) {
  return std::accumulate(segments.begin(), segments.end(), 0,
                         [](int sum, const Segment& segment) { return sum + segment.size(); });
}

std::vector<Range> holes_of(std::span<const Segment> segments) {
  std::vector<Range> holes;
  int begin = 0;
  for (const Segment& segment : segments) {
    const int end = begin + segment.size();
    if (segment.kind == Segment::Kind::open) holes.push_back({begin, end});
    begin = end;
  }
  return holes;
}

std::vector<int> ids_of(std::span<const Segment> segments, int mask_id) {
  std::vector<int> ids;
  for (const Segment& segment : segments) {
    if (segment.kind == Segment::Kind::open) {
      ids.insert(ids.end(), static_cast<std::size_t>(segment.count), mask_id);
    } else {
      ids.insert(ids.end(), segment.ids.begin(), segment.ids.end());
    }
  }
  return ids;
}

std::vector<Segment> with_holes(std::span<const int> ids, int mask_id) {
  std::vector<Segment> segments;
  for (const int id : ids) {
    const Segment::Kind kind = id == mask_id ? Segment::Kind::open : Segment::Kind::given;
    if (segments.empty() || segments.back().kind != kind) segments.push_back({kind});
    if (kind == Segment::Kind::open) {
      ++segments.back().count;
    } else {
      segments.back().ids.push_back(id);
    }
  }
  return segments;
}

}  // namespace unmask
