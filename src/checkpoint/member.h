// The files inside a checkpoint folder, and what may stand for one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace unmask {

/// A name without path separators that is neither empty, "." nor "..".
bool is_plain_file_name(std::string_view name);

/// Whether `folder` has an entry `name`, if only a link that leads nowhere.
bool has_member(const std::filesystem::path& folder, const std::string& name);

/// `folder`/`name`, after its symbolic links were followed and found to lead to something under
/// `folder` or, where `folder` is a snapshot in a hub cache, under the same repository's blobs/.
/// Everything else would let a checkpoint name files of its own choice on this machine.
/// Throws Error{checkpoint} when there is no such file or a link leads elsewhere.
std::filesystem::path checkpoint_member(const std::filesystem::path& folder,
                                        const std::string& name);

/// "config.json, tokenizer.json and 3 more", for a message; "nothing" where the folder is empty.
std::string list_folder(const std::filesystem::path& folder);

}  // namespace unmask
