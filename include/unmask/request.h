// What is asked of an engine, and what it answers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "unmask/options.h"
#include "unmask/range.h"

namespace unmask {

/// A piece of a canvas. A canvas is described by its pieces from left to right.
struct Segment {
  enum class Kind {
    given,  ///< text that is never written, whatever its ids are
    open,   ///< positions to be filled
    draft,  ///< text that is there and may be revised
  };
  Kind kind = Kind::given;
  std::vector<int> ids = {};  ///< of given text and of drafts
  int count = 0;              ///< of open positions

  static Segment given(std::vector<int> ids) { return {Kind::given, std::move(ids)}; }
  static Segment open(int count) { return {Kind::open, {}, count}; }
  static Segment draft(std::vector<int> ids) { return {Kind::draft, std::move(ids)}; }

  int size() const { return kind == Kind::open ? count : static_cast<int>(ids.size()); }
  bool operator==(const Segment&) const = default;
};

/// Positions of all segments together.
int length_of(std::span<const Segment> segments);

/// Where the open segments lie, in their order.
std::vector<Range> holes_of(std::span<const Segment> segments);

/// The ids of all segments, `mask_id` where they are open.
std::vector<int> ids_of(std::span<const Segment> segments, int mask_id);

/// Ids among which `mask_id` stands for an open position.
std::vector<Segment> with_holes(std::span<const int> ids, int mask_id);

/// One canvas to be filled.
struct GenerationRequest {
  /// What is there, what is to be filled and what may be revised; `options.length` open positions
  /// follow. The end of the segments is what the options call the end of the prompt.
  std::vector<Segment> canvas;
  DecodeOptions options;
  /// Ids at or above are never written: rows of the head without a token. 0: as config.json says.
  int vocab = 0;
  /// Overrides the checkpoint's mask id.
  std::optional<int> mask_id;
  /// Key of all randomness of this request; what it gets depends on nothing else.
  std::uint64_t seed = 0;
  /// Calls of the network at most, and seconds from the call of generate() on; 0: no limit. The
  /// last pass fills what is open of the block worked on; later blocks stay open.
  int max_forwards = 0;
  double deadline_seconds = 0;
};

enum class Finish {
  end,        ///< the text ends with an end token
  length,     ///< the canvas was filled without one
  deadline,   ///< time was up; what is open does not belong to the answer
  budget,     ///< the forward passes were used up; likewise
  converged,  ///< the network was sure of all that was open: `converged` of the options
};

/// What became of a request.
struct Generation {
  std::vector<int> canvas;   ///< prompt and generated positions, untrimmed
  std::vector<Range> holes;  ///< where each open segment of the request ended up in it
  Finish finish = Finish::length;
  int steps = 0;     ///< denoising steps taken, as the reference counts
  int forwards = 0;  ///< calls of the network; with guidance one call is two evaluations
};

}  // namespace unmask
