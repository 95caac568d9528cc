// A checkpoint: its configuration, its files and its tensors, each read when first needed and once.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_source.h"
#include "base/json.h"
#include "base/lazy.h"
#include "checkpoint/folder.h"
#include "checkpoint/safetensors.h"

namespace unmask {

/// All tensors of a checkpoint, over all its shards, by name. Mapped, not copied.
class Weights {
 public:
  /// Opens model.safetensors, or the shards that model.safetensors.index.json names.
  explicit Weights(const CheckpointFolder& folder);

  /// nullptr when there is no such tensor.
  const TensorView* find(std::string_view name) const;
  const std::map<std::string_view, const TensorView*>& tensors() const { return tensors_; }

 private:
  std::vector<SafetensorsFile> shards_;
  std::map<std::string_view, const TensorView*> tensors_;
};

/// Opened once in a run and handed on. What it gives lives as long as it does. May be shared by
/// threads.
class Checkpoint : public FileSource {
 public:
  /// A checkpoint folder, or a snapshot in a hub cache. It may lack anything: what is missing or
  /// damaged is said when it is asked for. Throws Error{checkpoint} when there is no such folder.
  static std::shared_ptr<const Checkpoint> open(const std::filesystem::path& path);

  /// As it was given.
  const std::filesystem::path& path() const { return folder_.path(); }
  std::string where() const override { return folder_.where(); }

  /// config.json, parsed but not yet understood. Throws Error{checkpoint} where there is none.
  JsonField config() const;
  /// generation_config.json; an empty object where there is none.
  JsonField generation() const;

  /// One of its files: see CheckpointFolder::member.
  std::optional<MappedFile> member(std::string_view name) const override;

  const Weights& tensors() const;

  /// Bytes of all files of weights, without opening them.
  std::uint64_t weight_bytes() const;

 private:
  explicit Checkpoint(const std::filesystem::path& path);

  CheckpointFolder folder_;
  Lazy<Json> config_, generation_;
  Lazy<Weights> tensors_;
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
