// The text while it is being written: tokens and masks side by side.
#pragma once

#include <span>
#include <vector>

#include "unmask/request.h"

namespace unmask {

/// A token to be written, and its probability under the distribution of the step.
struct Write {
  int position;
  int token;
  float confidence;
};

/// What a denoising step does to the canvas, in one piece.
struct Edit {
  std::vector<Write> writes;  ///< by position, ascending
  std::vector<int> reopen;    ///< positions to be masked again, ascending
};

/// One sequence: segments, which end where the prompt does, and the positions to be generated after
/// them. Whether a position is open is
/// a flag of its own, because a prompt may contain the mask's id as text.
class Canvas {
 public:
  /// The segments, and `length` open positions after them. Drafts may be revised, but are not open.
  Canvas(std::span<const Segment> segments, int length, int mask_id);

  /// The same of a prompt that has holes at the indices `open`.
  Canvas(std::span<const int> prompt, std::span<const int> open, int length, int mask_id);

  std::span<const int> ids() const { return ids_; }  ///< open positions hold the mask's id
  int size() const { return static_cast<int>(ids_.size()); }
  int prompt_size() const { return prompt_size_; }
  int mask_id() const { return mask_id_; }
  bool is_open(int position) const { return open_[position]; }

  /// Whether a rule may write here: open positions and drafts of the start, never text that was
  /// given.
  bool is_editable(int position) const { return editable_[position]; }

  /// Open positions in [begin, end), ascending.
  std::vector<int> open_positions(int begin, int end) const;
  int count_open(int begin, int end) const;

  /// Editable positions in [begin, end), open or not, ascending.
  std::vector<int> editable_positions(int begin, int end) const;

  /// Whether one of `ids` has been written, wherever.
  bool has_written(std::span<const int> ids) const;

  /// Carries out a step. Throws std::logic_error when it touches text that was given.
  void apply(const Edit& edit);

 private:
  std::vector<int> ids_;
  std::vector<bool> open_, editable_;
  int prompt_size_;
  int mask_id_;
};

}  // namespace unmask
