// The files of a checkpoint folder. All of them are opened here, by the same rule.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_source.h"

namespace unmask {

/// A name without path separators that is neither empty, "." nor "..".
bool is_plain_file_name(std::string_view name);

/// Whether `folder` has an entry `name`, if only a link that leads nowhere.
bool has_entry(const std::filesystem::path& folder, std::string_view name);

/// "config.json, tokenizer.json and 3 more", for a message; "nothing" where the folder is empty.
std::string list_folder(const std::filesystem::path& folder);

/// A checkpoint's own folder, or a snapshot in a hub cache. Its files may be symbolic links to
/// something under the folder or, of a snapshot, under the same repository's blobs/. Everything
/// else would let a checkpoint name files of its own choice on this machine.
class CheckpointFolder : public FileSource {
 public:
  /// Throws Error{checkpoint} when there is no such folder, Error{failure} when it may not be
  /// entered.
  explicit CheckpointFolder(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }  ///< as it was given
  std::string where() const override { return display(path_); }
  std::string list() const { return list_folder(path_); }

  bool has(std::string_view name) const { return has_entry(path_, name); }

  /// The mapped file has the path under the folder, whatever links it was reached through. Throws
  /// Error{checkpoint} when a link leads nowhere or elsewhere, for what is no regular file, and for
  /// a name that is not that of a file in this folder.
  std::optional<MappedFile> member(std::string_view name) const override;

 private:
  std::filesystem::path path_;
  std::filesystem::path home_;   // without links
  std::filesystem::path blobs_;  // of the hub cache's repository; empty elsewhere
};

}  // namespace unmask
