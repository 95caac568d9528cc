#include "checkpoint/folder.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include "base/utf8.h"
#include "unmask/error.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;

bool is_under(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
         folder.end();
}

// .../models--ORG--NAME/snapshots/REVISION -> .../models--ORG--NAME/blobs, else empty.
fs::path blobs_of_snapshot(const fs::path& folder) {
  const fs::path snapshots = folder.parent_path();
  const fs::path repository = snapshots.parent_path();
  const bool in_cache =
      snapshots.filename() == "snapshots" && repository.filename().native().starts_with("models--");
  return in_cache ? repository / "blobs" : fs::path();
}

fs::path follow_links(const fs::path& path) {
  std::error_code problem;
  fs::path target = fs::canonical(path, problem);
  if (!problem) return target;
  std::error_code not_a_link;
  const fs::path link = fs::read_symlink(path, not_a_link);
  const std::string what =
      not_a_link ? "" : "is a symbolic link to " + display(link) + ", which cannot be followed: ";
  const ErrorCode code =
      problem == std::errc::permission_denied ? ErrorCode::failure : ErrorCode::checkpoint;
  throw Error(code, display(path) + ": " + what + problem.message());
}

}  // namespace

bool is_plain_file_name(std::string_view name) {
  constexpr std::string_view kSeparators("/\0", 2);
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(kSeparators) == std::string_view::npos;
}

bool has_entry(const fs::path& folder, std::string_view name) {
  std::error_code ignored;
  return fs::symlink_status(folder / name, ignored).type() != fs::file_type::not_found;
}

std::string list_folder(const fs::path& folder) {
  constexpr std::size_t kShown = 10;
  std::vector<std::string> names;
  std::error_code problem;
  for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end;
       entry.increment(problem)) {
    names.push_back(utf8::printable(entry->path().filename().native()));
  }
  if (names.empty()) return "nothing";
  std::sort(names.begin(), names.end());
  std::string list;
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i) {
    list += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kShown) list += " and " + std::to_string(names.size() - kShown) + " more";
  return list;
}

CheckpointFolder::CheckpointFolder(const fs::path& path)
    : path_(path), home_(follow_links(path)), blobs_(blobs_of_snapshot(home_)) {}

std::optional<MappedFile> CheckpointFolder::member(std::string_view name) const {
  if (!is_plain_file_name(name)) {
    throw Error(ErrorCode::checkpoint,
                where() + ": " + utf8::quoted(name) + " is not the name of a file in it");
  }
  if (!has(name)) return std::nullopt;
  const fs::path path = path_ / name;
  const fs::path target = follow_links(path);
  if (is_under(target, home_) || (!blobs_.empty() && is_under(target, blobs_))) {
    return MappedFile(path);
  }
  throw Error(
      ErrorCode::checkpoint,
      display(path) + ": is a symbolic link to " + display(target) + ", outside of the checkpoint",
      "put the file itself, or a hard link to it, into the folder");
}

}  // namespace unmask
