// A checkpoint folder: config.json, generation_config.json and the tensors of all its shards.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "checkpoint/safetensors.h"

namespace unmask {

/// The two configuration files, parsed but not yet understood.
class CheckpointConfig {
 public:
  /// Reads `folder`/config.json and, where it exists, generation_config.json.
  explicit CheckpointConfig(const std::filesystem::path& folder);

  const std::filesystem::path& folder() const { return folder_; }
  JsonField config() const { return {config_, "config.json:"}; }
  /// An empty object where the file does not exist.
  JsonField generation() const { return {generation_, "generation_config.json:"}; }

 private:
  std::filesystem::path folder_;
  Json config_;
  Json generation_;
};

/// All tensors of a checkpoint, over all its shards, by name. Mapped, not copied.
class Weights {
 public:
  /// Opens model.safetensors, or the shards that model.safetensors.index.json names.
  explicit Weights(const std::filesystem::path& folder);

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
std::vector<std::string> check_tensors(const Weights& weights,
                                       const std::vector<TensorSpec>& needed);

}  // namespace unmask
