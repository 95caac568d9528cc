// A checkpoint: its configuration, its files and its tensors, each read when first needed and once.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_source.h"
#include "base/json.h"
#include "base/lazy.h"
#include "checkpoint/folder.h"
#include "checkpoint/tensor_store.h"

namespace unmask {

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

  const TensorStore& tensors() const;

  /// Bytes of all files of weights, without opening them.
  std::uint64_t weight_bytes() const;

 private:
  explicit Checkpoint(const std::filesystem::path& path);

  CheckpointFolder folder_;
  Lazy<Json> config_, generation_;
  Lazy<TensorStore> tensors_;
};

}  // namespace unmask
