// The tensors of a checkpoint, and whether they are those that a model needs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/folder.h"
#include "checkpoint/safetensors.h"

namespace unmask {

/// All tensors of a checkpoint, over all its shards, by name. Mapped, not copied.
class TensorStore {
 public:
  /// Opens model.safetensors, or the shards that model.safetensors.index.json names.
  explicit TensorStore(const CheckpointFolder& folder);

  /// nullptr when there is no such tensor.
  const TensorView* find(std::string_view name) const;
  const std::map<std::string_view, const TensorView*>& tensors() const { return tensors_; }

 private:
  std::vector<SafetensorsFile> shards_;
  std::map<std::string_view, const TensorView*> tensors_;
};

/// A tensor that a model needs.
struct TensorSpec {
  std::string name;
  std::vector<std::int64_t> shape;
  /// The tensor that is taken in its place. It need not be there, and where it is it should be the
  /// same: a head that is tied to the embedding. "": the tensor itself is taken.
  std::string copy_of = {};
};

/// Whether a tensor of that name is no weight, but follows from the configuration: rotary
/// frequencies, position ids and their like.
bool is_derived_buffer(std::string_view name);

/// Compares the tensors that are there with those that are needed. Throws Error{checkpoint} that
/// names the first ten missing or misshapen ones, or the first ten that the network has no use for,
/// and how many there are in all: numbers of a model that are left out make it another model.
/// Returns those that may be passed over: derived buffers, empty tensors and parts beside the text
/// network. Warns of a copy that differs from what it should be the same as.
std::vector<std::string> check_tensors(const TensorStore& weights,
                                       const std::vector<TensorSpec>& needed);

}  // namespace unmask
