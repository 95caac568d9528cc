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
};

/// Compares the tensors that are there with those that are needed. Throws Error{checkpoint} that
/// names the first ten missing or misshapen ones and how many there are in all. Tensors nobody
/// asked for are returned (the caller warns with -v).
std::vector<std::string> check_tensors(const Weights& weights,
                                       const std::vector<TensorSpec>& needed);

}  // namespace unmask
